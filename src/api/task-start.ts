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

/** How {@link traceTask} starts. Also takes the options of a span: `kind`, `attributes`, `links`. */
export interface TaskOptions extends SpanOptions {
  /**
   * The sender's `X-Amzn-Trace-Id`, e.g. an SQS message's attribute `AWSTraceHeader`: the task then
   * continues the sender's trace and its sampling decision.
   */
  readonly traceHeader?: string | undefined;
}

/** Where a task's span hangs. */
export interface TaskStart {
  readonly parent: Context;
  readonly options: SpanOptions;
}

/**
 * Decides where a task belongs: below the sender it names, below the active span, or nowhere.
 *
 * A span that is the first of this process in its trace becomes an X-Ray segment, which would carry
 * the name of the service; `aws.local.service` gives it the task's (docs/spec/translation.md section 2.2).
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

/** `undefined` when the header names no trace. */
function senderOf(header: string, active: Context): Context | undefined {
  const carrier = { 'x-amzn-trace-id': header, 'X-Amzn-Trace-Id': header };
  const extracted = attempt('reading a trace header', () =>
    propagation.extract(trace.deleteSpan(active), carrier),
  );
  const span = extracted && trace.getSpanContext(extracted);
  return span !== undefined && isSpanContextValid(span) ? extracted : undefined;
}

/**
 * Whether a span can still have children in good order. A timer started by a request runs with that
 * request's span long after its end; the trace must not grow for ever. An unsampled span does not
 * tell; its children stay unsampled, as those of any span.
 */
function isOpen(span: Span): boolean {
  const { traceFlags, isRemote } = span.spanContext();
  return isRemote === true || span.isRecording() || (traceFlags & TraceFlags.SAMPLED) === 0;
}
