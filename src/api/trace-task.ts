import { context, type Span } from '@opentelemetry/api';
import { captureInside, parameters } from './capture.ts';
import { type TaskOptions, taskStart } from './task-start.ts';

/**
 * Runs background work (a cron job, one iteration of a queue loop, a start-up step) as a new trace, or
 * as a subsegment inside an existing trace.
 *
 * A new trace has a segment called `name`, so that the trace map shows the task. Sampling rules apply
 * as to a request. Inside a span that has ended (for example in a timer that a request started), or
 * with `root: true`, a new trace is started and linked to that span.
 *
 * Ends the span, records errors and returns values like {@link capture}. Throws no error of its own.
 *
 * @param name name of the segment or subsegment
 * @param options `traceHeader` continues the trace of the sender of a message; `root: true` always
 *   starts a new trace; otherwise span options
 * @param fn receives the span
 * @example
 * setInterval(() => traceTask('sweep carts', () => sweep()), 60_000)
 * @example
 * for (const message of messages) {
 *   await traceTask('order', { traceHeader: message.Attributes?.AWSTraceHeader }, () => handle(message))
 * }
 */
export function traceTask<T>(name: string, fn: (span: Span) => T): T;
export function traceTask<T>(name: string, options: TaskOptions, fn: (span: Span) => T): T;
export function traceTask<T>(
  name: string,
  optionsOrFn: TaskOptions | ((span: Span) => T),
  maybeFn?: (span: Span) => T,
): T {
  const { options, fn } = parameters('traceTask', optionsOrFn, maybeFn);
  const start = taskStart(name, options, context.active());
  return context.with(start.parent, () => captureInside(name, start.options, fn));
}
