import { type Context, type Span, type SpanContext, trace } from '@opentelemetry/api';
import type { RequestOutcome } from '../boost.ts';
import { anomalyOf, type MeasuredSpan } from './anomaly.ts';
import type { AnomalyCondition } from './conditions.ts';

/** An ended span as OpenTelemetry SDK 2.x and 3.x pass it to `onEnd`. */
export interface ObservedSpan extends MeasuredSpan {
  spanContext(): SpanContext;
  readonly parentSpanContext?: { readonly isRemote?: boolean | undefined } | undefined;
}

export interface ObserverOptions<S extends ObservedSpan> {
  /** `undefined`: the default conditions. */
  readonly conditions: readonly AnomalyCondition[] | undefined;
  /** Maximum number of traces per second of which requests are kept. */
  readonly tracesPerSecond: number;
  /** Counts a request that has ended, for the reports to X-Ray. */
  readonly count: (spanContext: SpanContext, outcome: RequestOutcome) => void;
  /** Exports spans of a request that was not sampled; `undefined` if nothing is kept. */
  readonly keep: ((spans: readonly S[]) => void) | undefined;
  readonly wallMs: () => number;
}

/** A request that is not sampled, in this process: a local root span and its descendants. */
interface UnsampledRequest<S> {
  readonly rootId: string;
  finished: S[];
  hasAnomaly: boolean;
  rootEnded: boolean;
  isKept: boolean;
}

const REQUEST: unique symbol = Symbol('otel-xray unsampled request');

interface MarkedSpan<S> {
  [REQUEST]?: UnsampledRequest<S>;
}

/** AWS marks the spans of a partial trace with this attribute; as an annotation, it is searchable. */
const FLAG = 'annotation.aws.trace.flag.sampled';
/** Limits the memory of a request; its root span is always kept. */
const MAX_SPANS = 500;
/** Traces that were kept, so that other requests of the same trace are kept as well. */
const MAX_KEPT_TRACES = 1_000;

/**
 * Observes the requests that the sampler records: counts anomalies for the reports to X-Ray, and
 * keeps the spans of unsampled requests with an anomaly.
 *
 * A request counts once, by its first span in this process. All spans of an unsampled request wait
 * until that span has ended; they are then exported together, or dropped.
 *
 * @see docs/spec/sampling.md section 13
 */
export class RequestObserver<S extends ObservedSpan> {
  readonly #options: ObserverOptions<S>;
  readonly #keptTraces = new Set<string>();
  #second = -1;
  #keptThisSecond = 0;

  constructor(options: ObserverOptions<S>) {
    this.#options = options;
  }

  onStart(span: Span, parentContext: Context): void {
    const { traceId, spanId, traceFlags } = span.spanContext();
    if ((traceFlags & 1) === 1 || this.#options.keep === undefined) return;
    span.setAttribute(FLAG, 0);
    const parent = trace.getSpan(parentContext) as (Span & MarkedSpan<S>) | undefined;
    const above = parent?.spanContext().traceId === traceId ? parent[REQUEST] : undefined;
    (span as MarkedSpan<S>)[REQUEST] = above ?? {
      rootId: spanId,
      finished: [],
      hasAnomaly: false,
      rootEnded: false,
      isKept: false,
    };
  }

  onEnd(span: S): void {
    const spanContext = span.spanContext();
    const isSampled = (spanContext.traceFlags & 1) === 1;
    const isLocalRoot =
      span.parentSpanContext === undefined || span.parentSpanContext.isRemote === true;
    if (isSampled && !isLocalRoot) return;
    const { boost, capture, isByDefault } = anomalyOf(span, this.#options.conditions);
    if (isLocalRoot) this.#options.count(spanContext, { isAnomaly: boost, isByDefault });
    const request = (span as MarkedSpan<S>)[REQUEST];
    if (request !== undefined) this.#ended(span, request, capture);
  }

  #ended(span: S, request: UnsampledRequest<S>, hasAnomaly: boolean): void {
    const { traceId, spanId } = span.spanContext();
    const isRoot = request.rootId === spanId;
    request.hasAnomaly ||= hasAnomaly;
    request.rootEnded ||= isRoot;
    if (request.finished.length < MAX_SPANS || isRoot) request.finished.push(span);
    if (!request.rootEnded) return;
    const finished = request.finished;
    request.finished = [];
    request.isKept ||= this.#keptTraces.has(traceId);
    if (!request.hasAnomaly && !request.isKept) return;
    request.isKept ||= this.#mayKeep(traceId);
    if (request.isKept) this.#options.keep?.(finished);
    // Later spans of the request are not kept either.
    else request.hasAnomaly = false;
  }

  #mayKeep(traceId: string): boolean {
    const second = Math.floor(this.#options.wallMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#keptThisSecond = 0;
    }
    if (this.#keptThisSecond >= this.#options.tracesPerSecond) return false;
    this.#keptThisSecond += 1;
    if (this.#keptTraces.size >= MAX_KEPT_TRACES) {
      // Sets keep the order of insertion.
      for (const oldest of this.#keptTraces) {
        this.#keptTraces.delete(oldest);
        break;
      }
    }
    this.#keptTraces.add(traceId);
    return true;
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
