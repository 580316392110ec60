import { type Context, context, createContextKey } from '@opentelemetry/api';

/**
 * The key by which OpenTelemetry's SDKs and instrumentations know that work is not to be traced:
 * that of `suppressTracing` in `@opentelemetry/core`, which is not imported at run time here.
 */
const SUPPRESS_TRACING: symbol = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Does a piece of work of ours of which no span is made. */
export function untraced<T>(work: () => T): T {
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), work);
}

/** Whether what runs in this context is not to be traced. */
export function isUntraced(where: Context): boolean {
  return where.getValue(SUPPRESS_TRACING) === true;
}
