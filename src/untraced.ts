import { type Context, context, createContextKey } from '@opentelemetry/api';

/**
 * The context key of `suppressTracing` in `@opentelemetry/core`, which SDKs and instrumentations
 * check. That package is not imported at run time here.
 */
const SUPPRESS_TRACING: symbol = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Runs work without creating spans for it. */
export function untraced<T>(work: () => T): T {
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), work);
}

/** Returns whether tracing is suppressed in this context. */
export function isUntraced(where: Context): boolean {
  return where.getValue(SUPPRESS_TRACING) === true;
}
