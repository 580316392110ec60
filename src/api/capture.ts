import { context, type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { contextMissing, type Helper } from './context-missing.ts';
import { follow } from './follow.ts';
import { taskStart } from './task-start.ts';

/** Returns the tracer of all spans that the helpers create. */
export function tracer(): Tracer {
  return trace.getTracer('otel-xray');
}

/**
 * Runs a function as a subsegment: starts a span, makes it active, and ends it when the function
 * returns, its promise settles, or its generator finishes.
 *
 * Errors are recorded and rethrown unchanged. The return value is passed through: a promise stays a
 * promise, and a lazy query stays lazy.
 *
 * Outside a trace, the work becomes a new trace, and the call site is handled according to
 * `AWS_XRAY_CONTEXT_MISSING` (`RUNTIME_ERROR` throws before `fn` is called). Use {@link traceTask}
 * to start a trace on purpose. Otherwise this function throws no error of its own.
 *
 * @param name name of the subsegment, truncated to 200 characters
 * @param options span options: `kind`, `attributes`, `links`
 * @param fn receives the span, for features that the helpers do not cover
 * @example
 * const user = await capture('load user', () => db.users.find(id))
 */
export function capture<T>(name: string, fn: (span: Span) => T): T;
export function capture<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T;
export function capture<T>(
  name: string,
  optionsOrFn: SpanOptions | ((span: Span) => T),
  maybeFn?: (span: Span) => T,
): T {
  const { options, fn } = parameters('capture', optionsOrFn, maybeFn);
  return captureFrom(capture, name, options, fn);
}

/**
 * Runs a function as {@link capture} does, for a helper that the application calls instead.
 *
 * @param helper the function that the application called; the frame above it is the call site
 */
export function captureFrom<T>(
  helper: Helper,
  name: string,
  options: SpanOptions,
  fn: (span: Span) => T,
): T {
  if (trace.getActiveSpan() !== undefined) return captureInside(name, options, fn);
  contextMissing(helper, `capture(${JSON.stringify(name)}) outside a trace: a new trace starts`);
  const start = taskStart(name, options, context.active());
  return context.with(start.parent, () => captureInside(name, start.options, fn));
}

/** Reads the parameters of the forms `(name, fn)` and `(name, options, fn)`. */
export function parameters<O extends SpanOptions, T>(
  helper: string,
  optionsOrFn: O | ((span: Span) => T),
  maybeFn: ((span: Span) => T) | undefined,
): { readonly options: O; readonly fn: (span: Span) => T } {
  const fn = typeof optionsOrFn === 'function' ? optionsOrFn : maybeFn;
  if (typeof fn !== 'function') throw new TypeError(`${helper}() needs a function, got ${fn}`);
  return { options: typeof optionsOrFn === 'function' ? ({} as O) : optionsOrFn, fn };
}

/** Runs a function with a child of the active span. */
export function captureInside<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T {
  const parent = context.active();
  const span = attempt('starting a span', () => tracer().startSpan(name, options, parent));
  if (span === undefined) return fn(trace.wrapSpanContext(NO_SPAN));
  return follow(span, trace.setSpan(parent, span), fn);
}

const NO_SPAN = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
