import { type Context, context, createContextKey } from '@opentelemetry/api';

const KEY: symbol = createContextKey('otel-xray without sampling');

/**
 * Runs a function whose spans, and all spans below them, are left out of the trace, here and in
 * the services it calls. Works for async functions as well.
 *
 * @returns what the function returns
 * @example
 * const rows = await withoutSampling(() => db.query('SELECT 1'));
 */
export function withoutSampling<T>(run: () => T): T {
  return context.with(context.active().setValue(KEY, true), run);
}

/** Whether the context is inside {@link withoutSampling}. */
export function isWithoutSampling(active: Context): boolean {
  return active.getValue(KEY) === true;
}
