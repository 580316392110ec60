import { types } from 'node:util';
import { type Context, context, type Span } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { observePromise } from '../../api/follow.ts';
import { attempt } from '../wrap/guard.ts';

/**
 * Runs a function in a context and ends the span with it, or with the promise that it returns. An error is
 * recorded and passed on unchanged.
 *
 * @param run called exactly once, whatever fails here
 * @param record how an error is recorded; default: on the span, whatever its request has recorded
 */
export function runWithin<T>(
  instrumentation: string,
  span: Span,
  within: Context,
  run: () => T,
  record: (span: Span, error: unknown) => void = recordError,
): T {
  const end = (error?: { readonly thrown: unknown }): void => {
    attempt(instrumentation, () => {
      if (error !== undefined) record(span, error.thrown);
      span.end();
    });
  };
  let result: T;
  try {
    result = context.with(within, run);
  } catch (error) {
    end({ thrown: error });
    throw error;
  }
  if (!types.isPromise(result)) {
    end();
    return result;
  }
  const work = { done: () => end(), failed: (thrown: unknown) => end({ thrown }) };
  return observePromise(result, work) as T;
}
