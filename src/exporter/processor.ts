import { type Context, type Span, type SpanContext, trace } from '@opentelemetry/api';
import { keepAlive } from '../keep-alive.ts';
import type { OpenEntry } from '../open-list.ts';
import { emptyList } from '../span-list.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import type { ExporterCounters } from './counters.ts';
import { createOpenSpans, type OpenSpans } from './in-progress.ts';
import type { XRayExporter } from './index.ts';
import { createOpenTraces, NO_SPANS, type OpenTrace } from './open-traces.ts';
import { type PendingResource, pendingAttributes } from './pending-resource.ts';

/** Options of {@link XRaySpanProcessor}. */
export interface XRaySpanProcessorOptions {
  readonly exporter: XRayExporter;
  /**
   * Maximum number of finished spans that wait in the processor and the exporter together
   * (`OTEL_BSP_MAX_QUEUE_SIZE`). Default 2048.
   */
  readonly maxQueueSize?: number | undefined;
  /**
   * Maximum time in milliseconds that a finished span waits for the rest of its request
   * (`OTEL_BSP_SCHEDULE_DELAY`). Default 100.
   */
  readonly scheduleDelayMs?: number | undefined;
  /**
   * Time in milliseconds after which one `in_progress` document is sent for a span that is still
   * running. `Infinity`: only when {@link XRaySpanProcessor.sendInProgress} is called. Default:
   * never.
   */
  readonly inProgressAfterMs?: number | undefined;
  /** Returns the time of a monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
}

/**
 * One request in this process: a local root span and its descendants. A class, because V8 may decide to allocate
 * the objects of a literal in the old generation.
 */
class LocalTrace implements OpenTrace {
  readonly rootId: string;
  spans: Span[] = NO_SPANS;
  limit = 0;
  older: OpenEntry | undefined = undefined;
  newer: OpenEntry | undefined = undefined;
  /** Number of spans that have started but not ended. */
  open = 1;
  rootEnded = false;
  /** `NO_SPANS` if empty. */
  finished: TranslatableSpan[] = NO_SPANS;
  /** When the first span of `finished` ended. */
  sinceMs = 0;

  constructor(rootId: string) {
    this.rootId = rootId;
  }
}

/** Property of a span that holds its local trace. It needs no lookup and is freed with the span. */
const LOCAL_TRACE: unique symbol = Symbol('otel-xray local trace');

/** A span as the SDK passes it to `onEnd`, with its sampling flags. */
export interface EndedSpan extends TranslatableSpan {
  spanContext(): SpanContext;
  readonly resource: TranslatableSpan['resource'] & PendingResource;
}

interface MarkedSpan {
  [LOCAL_TRACE]?: LocalTrace;
}

/** Running spans are checked this many times until they are due for an `in_progress` document. */
const CHECKS_PER_DELAY = 4;
/** Timers have whole milliseconds, and may fire this much earlier than the monotonic clock tells. */
const TIMER_EARLY_MS = 1;
const SAMPLED = 1;
/** Maximum time that a span that ends in an exit listener may delay the exit. */
const EXIT_LISTENER_FLUSH_MS = 10;

/**
 * Collects the finished spans of each request until its root and all descendants have ended, and
 * passes them to the exporter together: one request is then normally one document in one datagram.
 *
 * A finished span waits at most `scheduleDelayMs` for the others, and is then exported without
 * them. The first spans also wait for pending resource attributes, at most two seconds.
 */
export class XRaySpanProcessor {
  readonly #exporter: XRayExporter;
  readonly #maxQueueSize: number;
  readonly #delayMs: number;
  readonly #now: () => number;
  /**
   * Traces in the order in which their first waiting span ended. May contain traces that have
   * already been exported; they are skipped.
   */
  readonly #holding: LocalTrace[] = [];
  #held = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #traces = createOpenTraces();
  #open: OpenSpans | undefined;
  #openTimer: NodeJS.Timeout | undefined;
  /** Resolves when all resource attributes are known; `undefined` if nothing is pending. */
  #pendingResource: Promise<void> | undefined;
  #resourceChecked = false;
  #closed = false;
  #ending = false;

  /** @throws {TypeError} if a number is out of range; the message quotes it */
  constructor(options: XRaySpanProcessorOptions) {
    const { exporter, maxQueueSize = 2048, scheduleDelayMs = 100 } = options;
    if (!(maxQueueSize > 0)) {
      throw new TypeError(`maxQueueSize: ${maxQueueSize}; expected a positive number`);
    }
    if (!(scheduleDelayMs >= 0)) {
      throw new TypeError(`scheduleDelayMs: ${scheduleDelayMs}; expected 0 or a positive number`);
    }
    this.#exporter = exporter;
    this.#maxQueueSize = maxQueueSize;
    this.#delayMs = scheduleDelayMs;
    this.#now = options.now ?? (() => performance.now());
    const { inProgressAfterMs } = options;
    if (inProgressAfterMs === undefined) return;
    if (!(inProgressAfterMs > 0)) {
      throw new TypeError(`inProgressAfterMs: ${inProgressAfterMs}; expected a positive number`);
    }
    this.#open = createOpenSpans(maxQueueSize);
    if (Number.isFinite(inProgressAfterMs)) {
      const sendDue = () => this.sendInProgress(inProgressAfterMs);
      this.#openTimer = setInterval(sendDue, inProgressAfterMs / CHECKS_PER_DELAY).unref();
    }
  }

  onStart(span: Span, parentContext: Context): void {
    const { traceId, spanId, traceFlags } = span.spanContext();
    if ((traceFlags & SAMPLED) === 0) return;
    this.#open?.started(spanId, span as Span & TranslatableSpan, this.#now());
    const parent = trace.getSpan(parentContext) as (Span & MarkedSpan) | undefined;
    const above = parent?.[LOCAL_TRACE];
    if (above !== undefined && parent?.spanContext().traceId === traceId) {
      above.open += 1;
      (span as MarkedSpan)[LOCAL_TRACE] = above;
      this.#traces.add(above, span);
      return;
    }
    const local = new LocalTrace(spanId);
    (span as MarkedSpan)[LOCAL_TRACE] = local;
    this.#traces.start(local, span);
  }

  onEnd(span: EndedSpan): void {
    const { spanId, traceFlags } = span.spanContext();
    if ((traceFlags & SAMPLED) === 0) return;
    this.#open?.ended(spanId);
    const local = (span as MarkedSpan)[LOCAL_TRACE];
    if (local !== undefined) {
      // Decrement even if the span is dropped below.
      local.open -= 1;
      if (local.rootId === spanId) {
        local.rootEnded = true;
        this.#traces.end(local);
      }
      // `#holding` may refer to the trace for some time.
      if (local.rootEnded && local.open <= 0) this.#traces.finish(local);
    }
    if (this.#closed || this.#isFull()) {
      this.#exporter.countDropped(this.#closed ? 'shut-down' : 'queue-full', 1);
      return;
    }
    this.#collect(span, local);
    if (this.#ending) this.finalFlush(EXIT_LISTENER_FLUSH_MS);
  }

  #collect(span: EndedSpan, local: LocalTrace | undefined): void {
    if (local === undefined) {
      this.#exporter.enqueueEnded([span]);
      return;
    }
    if (!this.#resourceChecked) this.#awaitResource(span.resource);
    if (this.#pendingResource !== undefined) {
      this.#hold(local, span);
      return;
    }
    if (local.rootEnded && local.open <= 0) {
      const finished = this.#takenFrom(local);
      if (finished.length > 0) finished.push(span);
      this.#exporter.enqueueEnded(finished.length > 0 ? finished : [span]);
      return;
    }
    this.#hold(local, span);
    // The thread may block after this task, and then no timer fires.
    if (local.rootEnded && this.#exporter.flushOnTaskEnd)
      queueMicrotask(() => this.#enqueueTrace(local));
  }

  /**
   * Holds spans until the resource detectors of the app's SDK have finished. Otherwise, X-Ray would
   * show two services: one with the platform and one without.
   */
  #awaitResource(resource: PendingResource): void {
    this.#resourceChecked = true;
    // A worker thread may be terminated before the detectors finish.
    if (this.#exporter.flushOnTaskEnd) return;
    this.#pendingResource = pendingAttributes(resource)?.then(() => {
      this.#pendingResource = undefined;
      this.#release(Number.POSITIVE_INFINITY);
    });
  }

  #enqueueTrace(local: LocalTrace): void {
    const finished = this.#takenFrom(local);
    if (finished.length > 0) this.#exporter.enqueue(finished);
  }

  #takenFrom(local: LocalTrace): TranslatableSpan[] {
    const { finished } = local;
    local.finished = NO_SPANS;
    this.#held -= finished.length;
    return finished;
  }

  /**
   * Returns whether the queue is full. To make room, first exports the spans that wait only for
   * their request.
   */
  #isFull(): boolean {
    const { queued } = this.#exporter;
    if (this.#held + queued < this.#maxQueueSize) return false;
    this.#release(Number.POSITIVE_INFINITY);
    return this.#exporter.queued >= this.#maxQueueSize;
  }

  #hold(local: LocalTrace, span: TranslatableSpan): void {
    if (local.finished.length === 0) {
      local.sinceMs = this.#now();
      this.#holding.push(local);
      local.finished = emptyList();
    }
    local.finished.push(span);
    this.#held += 1;
    if (this.#held > this.#maxQueueSize / 2) this.#release(Number.POSITIVE_INFINITY);
    else this.#timer ??= setTimeout(this.#onTimer, this.#delayMs).unref();
  }

  /** Exports the spans that have waited long enough, and waits for those that are due next. */
  readonly #onTimer = (): void => {
    const nowMs = this.#now();
    if (this.#pendingResource === undefined) this.#release(nowMs - this.#delayMs + TIMER_EARLY_MS);
    const [oldest] = this.#holding;
    const dueMs = (oldest?.sinceMs ?? nowMs) + this.#delayMs;
    // While attributes are pending, the oldest spans are overdue.
    const waitMs = dueMs > nowMs ? dueMs - nowMs : this.#delayMs;
    this.#timer = oldest === undefined ? undefined : setTimeout(this.#onTimer, waitMs).unref();
  };

  /** Exports the spans that have waited since `sinceMs` or longer. */
  #release(sinceMs: number): void {
    let index = 0;
    for (; index < this.#holding.length; index += 1) {
      const local = this.#holding[index];
      if (local === undefined || local.finished.length === 0) continue;
      if (local.sinceMs > sinceMs) break;
      this.#enqueueTrace(local);
    }
    this.#holding.splice(0, index);
  }

  /**
   * Sends `in_progress` documents for the spans that have run for at least `afterMs` and have none
   * yet, e.g. before a Lambda function times out. Requires the option `inProgressAfterMs`.
   */
  sendInProgress(afterMs = 0): void {
    const spans = this.#open?.take(this.#now() - afterMs) ?? [];
    if (spans.length > 0) this.#exporter.sendInProgress(spans);
  }

  /**
   * Sends `in_progress` documents for all requests and tasks that still run, because the process ends.
   */
  sendOpen(): void {
    const spans = this.#traces.running();
    if (spans.length > 0) this.#exporter.sendInProgress(spans);
  }

  /** Returns the spans of the request of a span that have not ended, oldest first. */
  openSpansOf(span: Span): readonly Span[] {
    const local = (span as MarkedSpan)[LOCAL_TRACE];
    return local === undefined ? [] : local.spans.filter((each) => each.isRecording());
  }

  /**
   * Exports spans of a request that was not sampled, e.g. because of an anomaly. They are counted
   * like sampled spans.
   */
  exportUnsampled(spans: readonly EndedSpan[]): void {
    if (this.#closed || this.#isFull()) {
      this.#exporter.countDropped(this.#closed ? 'shut-down' : 'queue-full', spans.length);
      return;
    }
    this.#exporter.enqueueEnded([...spans]);
    if (this.#ending) this.finalFlush(EXIT_LISTENER_FLUSH_MS);
  }

  /** Returns what has happened to the spans so far. */
  counters(): ExporterCounters {
    const counters = this.#exporter.counters();
    return { ...counters, queued: counters.queued + this.#held };
  }

  /** Sends all finished spans; resolves when the kernel has accepted them. */
  forceFlush(): Promise<void> {
    if (this.#pendingResource !== undefined)
      return keepAlive(this.#pendingResource.then(() => this.#exporter.forceFlush()));
    this.#release(Number.POSITIVE_INFINITY);
    return this.#exporter.forceFlush();
  }

  /** Sends all finished spans synchronously, for a process that exits. */
  flushSync(deadlineMs?: number): void {
    this.#release(Number.POSITIVE_INFINITY);
    this.#exporter.flushSync(deadlineMs);
  }

  /** Sends all finished spans at process exit. Spans that end later are sent immediately. */
  finalFlush(deadlineMs?: number): void {
    this.#ending = true;
    this.#release(Number.POSITIVE_INFINITY);
    this.#exporter.finalFlush(deadlineMs);
  }

  /** Sends all finished spans and shuts the exporter down. */
  shutdown(): Promise<void> {
    if (this.#pendingResource !== undefined)
      return keepAlive(this.#pendingResource.then(() => this.shutdown()));
    this.#release(Number.POSITIVE_INFINITY);
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#openTimer);
    return this.#exporter.shutdown();
  }
}
