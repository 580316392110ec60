import { context, type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { contextMissing, type Helper } from './context-missing.ts';
import { follow } from './follow.ts';
import { taskStart } from './task-start.ts';

/** The tracer of every span that the helpers make. */
export function tracer(): Tracer {
  return trace.getTracer('otel-xray');
}

/**
 * Runs a function as a subsegment: starts a span, makes it active, and ends it when the function
 * returns, its promise settles, or its generator is finished.
 *
 * An error is recorded and thrown on unchanged. What the function returns is returned: a promise
 * stays a promise, a lazy query stays lazy.
 *
 * Called outside a trace, the work becomes a trace of its own, and the place is said once as
 * `AWS_XRAY_CONTEXT_MISSING` says (`RUNTIME_ERROR` throws before `fn` is called); use
 * {@link traceTask} where that is meant. Never throws an error of its own otherwise.
 *
 * @param name name of the subsegment, at most 200 characters reach X-Ray
 * @param options of the span: `kind`, `attributes`, `links`
 * @param fn gets the span, for everything these helpers do not have
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
 * As {@link capture}, for a helper that stands between it and the app.
 *
 * @param helper what the app called: the frame above it is the place that is said
 */
export function captureFrom<T>(
  helper: Helper,
  name: string,
  options: SpanOptions,
  fn: (span: Span) => T,
): T {
  if (trace.getActiveSpan() !== undefined) return captureInside(name, options, fn);
  contextMissing(helper, `capture(${JSON.stringify(name)}) outside a trace: a trace of its own`);
  const start = taskStart(name, options, context.active());
  return context.with(start.parent, () => captureInside(name, start.options, fn));
}

/** The parameters of the two forms `(name, fn)` and `(name, options, fn)`. */
export function parameters<O extends SpanOptions, T>(
  helper: string,
  optionsOrFn: O | ((span: Span) => T),
  maybeFn: ((span: Span) => T) | undefined,
): { readonly options: O; readonly fn: (span: Span) => T } {
  const fn = typeof optionsOrFn === 'function' ? optionsOrFn : maybeFn;
  if (typeof fn !== 'function') throw new TypeError(`${helper}() needs a function, got ${fn}`);
  return { options: typeof optionsOrFn === 'function' ? ({} as O) : optionsOrFn, fn };
}

/** A span below the active one. */
export function captureInside<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T {
  const parent = context.active();
  const span = attempt('starting a span', () => tracer().startSpan(name, options, parent));
  if (span === undefined) return fn(trace.wrapSpanContext(NO_SPAN));
  return follow(span, trace.setSpan(parent, span), fn);
}

const NO_SPAN = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
