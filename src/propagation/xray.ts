import {
  type Context,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { isUntraced } from '../untraced.ts';
import { formatTraceHeader, parseTraceHeader, type TraceHeader } from './header.ts';
import { type HeaderContext, headerContextOf, withHeaderContext } from './header-context.ts';
import { TRACE_HEADER, WRITTEN_TRACE_HEADER } from './header-name.ts';
import { randomSpanId } from './ids.ts';
import { flagDeferred, flagRootOnly, isDeferred, isRootOnly } from './span-context-flags.ts';

export interface XRayPropagatorOptions {
  /**
   * The sampled flag of a parent without a decision. The X-Ray sampler ignores it and decides; any
   * other sampler follows it. Default `unsampled`; use `sampled` with `parentbased_always_on`.
   */
  readonly deferredAs?: 'sampled' | 'unsampled' | undefined;
  /** Returns the header to use if neither the context nor the carrier has a trace, e.g. in Lambda. */
  readonly ambientHeader?: (() => string | undefined) | undefined;
  /** Returns the span id of a parent that the header does not name; for tests. */
  readonly newSpanId?: (() => string) | undefined;
}

/** Direct lookups are cheaper than iterating over all headers of each request. */
const SPELLINGS = [TRACE_HEADER, WRITTEN_TRACE_HEADER] as const;

/** Returns a propagator for `X-Amzn-Trace-Id`. */
export function xrayPropagator(options: XRayPropagatorOptions = {}): TextMapPropagator {
  return new XRayPropagator(options);
}

/**
 * OpenTelemetry's propagator, with the parts of the header that it does not know: headers without a
 * parent or a decision, `Sampled=?`, `Lineage` and application data.
 *
 * A header of root, parent and decision alone is written by the base class. Its `extract` is not
 * used: it drops every other header, and looks through all headers of a request to find this one.
 *
 * @see docs/rationale.md
 */
class XRayPropagator extends AWSXRayPropagator {
  readonly #options: XRayPropagatorOptions;

  constructor(options: XRayPropagatorOptions) {
    super();
    this.#options = options;
  }

  override inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (spanContext === undefined || !isSpanContextValid(spanContext)) return;
    if (isUntraced(context)) return;
    removeOtherSpellings(carrier);
    if (hasExtendedHeader(context, spanContext)) {
      setter.set(carrier, TRACE_HEADER, headerText(context, spanContext));
    } else {
      super.inject(context, carrier, setter);
    }
  }

  override extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = readHeader(carrier, getter) ?? ambientHeader(context, this.#options);
    return header === undefined ? context : withTraceHeader(context, header, this.#options);
  }
}

/** Returns whether the outgoing header differs from `Root=…;Parent=…;Sampled=…`. */
function hasExtendedHeader(context: Context, spanContext: SpanContext): boolean {
  return (
    headerContextOf(context) !== undefined || isRootOnly(spanContext) || isDeferred(spanContext)
  );
}

function ambientHeader(
  context: Context,
  { ambientHeader: read }: XRayPropagatorOptions,
): TraceHeader | undefined {
  if (read === undefined || trace.getSpanContext(context) !== undefined) return undefined;
  return firstValid(read());
}

/** Returns the first header of the carrier that has a valid `Root`. */
function readHeader<C>(carrier: C, getter: TextMapGetter<C>): TraceHeader | undefined {
  for (const name of SPELLINGS) {
    const header = firstValid(getter.get(carrier, name));
    if (header !== undefined) return header;
  }
  const other = getter
    .keys(carrier)
    .find((key) => key.length === TRACE_HEADER.length && key.toLowerCase() === TRACE_HEADER);
  return other === undefined ? undefined : firstValid(getter.get(carrier, other));
}

function firstValid(value: string | string[] | undefined): TraceHeader | undefined {
  for (const text of Array.isArray(value) ? value : [value]) {
    const header = typeof text === 'string' ? parseTraceHeader(text) : undefined;
    if (header !== undefined) return header;
  }
  return undefined;
}

/**
 * Returns a context with the parent that a header names.
 *
 * A parent that another propagator extracted stays if this header names no parent, or if it belongs
 * to the same trace and has no sampling decision.
 *
 * @see docs/spec/propagation.md section 6
 */
export function withTraceHeader(
  context: Context,
  header: TraceHeader,
  options: XRayPropagatorOptions = {},
): Context {
  const found = trace.getSpanContext(context);
  const remote = found?.isRemote === true && isSpanContextValid(found) ? found : undefined;
  const isOtherTrace = remote !== undefined && remote.traceId !== header.traceId;
  const isWeaker = header.parentId === undefined || (header.sampled === undefined && !isOtherTrace);
  const keepsRemote = remote !== undefined && isWeaker;
  const headerContext: HeaderContext = {
    lineage: header.lineage,
    data: header.data,
    wantsDecision: header.wantsDecision && !(keepsRemote && isOtherTrace),
    conflictingParent: isOtherTrace && !keepsRemote ? remote : undefined,
  };
  const withData = withHeaderContext(context, headerContext);
  if (keepsRemote) return withData;
  return trace.setSpanContext(withData, spanContextOf(header, remote?.traceState, options));
}

function spanContextOf(
  header: TraceHeader,
  traceState: SpanContext['traceState'],
  { deferredAs, newSpanId = randomSpanId }: XRayPropagatorOptions,
): SpanContext {
  const isSampled = header.sampled ?? deferredAs === 'sampled';
  const spanContext: SpanContext = {
    traceId: header.traceId,
    spanId: header.parentId ?? newSpanId(),
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState }),
  };
  if (header.parentId === undefined) flagRootOnly(spanContext);
  if (header.sampled === undefined) flagDeferred(spanContext);
  return spanContext;
}

/** Returns the header for outgoing calls in this context, or `undefined` without a trace. */
export function outgoingHeader(context: Context): string | undefined {
  if (isUntraced(context)) return undefined;
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return undefined;
  return headerText(context, spanContext);
}

function headerText(context: Context, spanContext: SpanContext): string {
  const { traceId, spanId, traceFlags } = spanContext;
  const headerContext = headerContextOf(context);
  const isPassed =
    headerContext?.isPassedThrough === true && (traceFlags & TraceFlags.SAMPLED) === 0;
  return formatTraceHeader({
    traceId,
    // A random parent id and a missing decision are not ours to send: repeat what was received.
    parentId: isPassed || isRootOnly(spanContext) ? undefined : spanId,
    sampled:
      isPassed || isDeferred(spanContext)
        ? headerContext?.wantsDecision === true
          ? '?'
          : undefined
        : (traceFlags & TraceFlags.SAMPLED) === 0
          ? '0'
          : '1',
    lineage: headerContext?.lineage,
    data: headerContext?.data,
  });
}

/** Removes other spellings of the header's name, so that servers cannot read a stale value. */
function removeOtherSpellings(carrier: unknown): void {
  if (typeof carrier !== 'object' || carrier === null || Array.isArray(carrier)) return;
  for (const key of Object.keys(carrier)) {
    if (key.length !== TRACE_HEADER.length || key === TRACE_HEADER) continue;
    if (key.toLowerCase() === TRACE_HEADER) delete (carrier as Record<string, unknown>)[key];
  }
}
