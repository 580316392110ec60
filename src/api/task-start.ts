import {
  type Context,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanOptions,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { TRACE_HEADER, WRITTEN_TRACE_HEADER } from '../propagation/header-name.ts';

/** Options of {@link traceTask}: span options (`kind`, `attributes`, `links`) and the sender. */
export interface TaskOptions extends SpanOptions {
  /**
   * The `X-Amzn-Trace-Id` of the sender, for example the attribute `AWSTraceHeader` of an SQS message.
   * The task then continues the trace of the sender with its sampling decision.
   */
  readonly traceHeader?: string | undefined;
}

/** Parent context and options of a task's span. */
export interface TaskStart {
  readonly parent: Context;
  readonly options: SpanOptions;
}

/**
 * Decides the parent of a task: the given sender, the active span, or none.
 *
 * The first span of a trace in this process becomes a segment, which has the name of the service by
 * default. `aws.local.service` sets the name of the task instead (docs/spec/translation.md section 2.2).
 */
export function taskStart(name: string, given: TaskOptions, active: Context): TaskStart {
  const { traceHeader, ...options } = given;
  const sender = traceHeader === undefined ? undefined : senderOf(traceHeader, active);
  if (sender !== undefined) return { parent: sender, options: asSegment(name, options) };
  const span = trace.getSpan(active);
  if (span !== undefined && options.root !== true && isOpen(span)) {
    const remote = span.spanContext().isRemote === true;
    return { parent: active, options: remote ? asSegment(name, options) : options };
  }
  const links = span === undefined ? [] : [{ context: span.spanContext() }];
  return {
    parent: trace.deleteSpan(active),
    options: asSegment(name, {
      ...options,
      ...(links.length > 0 ? { links: [...(options.links ?? []), ...links] } : {}),
    }),
  };
}

function asSegment(name: string, options: SpanOptions): SpanOptions {
  return { ...options, attributes: { 'aws.local.service': name, ...options.attributes } };
}

/** Returns `undefined` if the header contains no trace. */
function senderOf(header: string, active: Context): Context | undefined {
  const carrier = { [TRACE_HEADER]: header, [WRITTEN_TRACE_HEADER]: header };
  const extracted = attempt('reading a trace header', () =>
    propagation.extract(trace.deleteSpan(active), carrier),
  );
  const span = extracted && trace.getSpanContext(extracted);
  return span !== undefined && isSpanContextValid(span) ? extracted : undefined;
}

/**
 * Returns whether a span may have more children. A timer that a request started runs with the span of
 * that request long after it ended; the trace must not grow forever. For an unsampled span this is
 * unknown; its children stay unsampled.
 */
function isOpen(span: Span): boolean {
  const { traceFlags, isRemote } = span.spanContext();
  return isRemote === true || span.isRecording() || (traceFlags & TraceFlags.SAMPLED) === 0;
}
