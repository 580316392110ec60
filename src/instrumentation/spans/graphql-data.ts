/** Used by the build in the graphql instrumentation: `scripts/build/patch-graphql.ts`. */

import type { Span } from '@opentelemetry/api';

/** The text of an operation can cause a hundred errors. */
export const MAX_ERRORS = 10;

const holders = new WeakMap<object, object>();

/**
 * Returns the object that holds the data of an execution. The instrumentation would put them on the
 * context value, which belongs to the app, may be frozen, and is often logged.
 *
 * @param owner context value of the execution; a primitive value gets an object of its own
 */
export function dataHolder(owner: unknown): object {
  if (typeof owner !== 'object' || owner === null) return {};
  const known = holders.get(owner);
  if (known !== undefined) return known;
  const holder = {};
  holders.set(owner, holder);
  return holder;
}

/** Records errors of the validation of an operation; the response decides whether the request failed. */
export function recordErrors(span: Span, errors: readonly unknown[]): void {
  for (const error of errors.slice(0, MAX_ERRORS)) span.recordException(error as Error);
}
