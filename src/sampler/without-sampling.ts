import { type Context, context, createContextKey } from '@opentelemetry/api';

const KEY: symbol = createContextKey('otel-xray without sampling');

/**
 * Calls a function without tracing: its spans and their descendants are not sampled, including those
 * of called services. Also works with async functions.
 *
 * @returns the return value of the function
 * @example
 * const rows = await withoutSampling(() => db.query('SELECT 1'));
 */
export function withoutSampling<T>(run: () => T): T {
  return context.with(context.active().setValue(KEY, true), run);
}

/** Returns whether the context is inside {@link withoutSampling}. */
export function isWithoutSampling(active: Context): boolean {
  return active.getValue(KEY) === true;
}
