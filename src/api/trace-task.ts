import { context, type Span } from '@opentelemetry/api';
import { captureInside, parameters } from './capture.ts';
import { type TaskOptions, taskStart } from './task-start.ts';

/**
 * Runs background work (a cron job, one turn of a queue loop, a start-up step) as a trace of its own,
 * or as a subsegment when a trace is already there.
 *
 * As a trace of its own its segment carries `name`, so that the trace map shows the task; the
 * sampling rules decide about it as about a request. Inside a span that has ended (a timer that a
 * request started), or with `root: true`, a new trace is started and linked to that span.
 *
 * Ends, records errors and returns like {@link capture}. Never throws an error of its own.
 *
 * @param name name of the segment or subsegment
 * @param options `traceHeader` continues the trace of a message's sender; `root: true` starts a
 *   new trace in any case; else the options of a span
 * @param fn the work; gets the span
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
