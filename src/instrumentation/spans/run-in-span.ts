import { types } from 'node:util';
import { type Context, context, type Span, trace } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { observePromise } from '../../api/follow.ts';
import { attempt } from '../wrap/guard.ts';

export interface RunOptions {
  /** The context that the function runs in, apart from the span; default: the active one. */
  readonly outer?: Context;
  /** Records an error; default: on the span, whether or not its request has recorded the error. */
  readonly record?: (span: Span, error: unknown) => void;
}

/**
 * Starts a span and runs a function in it. The span ends with the function, or with the promise that it
 * returns. An error is recorded and passed on unchanged.
 *
 * @param start starts the span; if it throws or returns none, the function runs without a span
 * @param run called exactly once, whatever fails here. It gets the span as an argument of `context.with`: a
 * function around it would be one more frame in the stacks of the app.
 */
export function runInSpan<T>(
  instrumentation: string,
  start: () => Span | undefined,
  run: (span: Span | undefined) => T,
  { outer = context.active(), record = recordError }: RunOptions = {},
): T {
  const span = attempt(instrumentation, start);
  if (span === undefined) return run(undefined);
  const end = (error?: { readonly thrown: unknown }): void => {
    attempt(instrumentation, () => {
      if (error !== undefined) record(span, error.thrown);
      span.end();
    });
  };
  let result: T;
  try {
    result = context.with(trace.setSpan(outer, span), run, undefined, span);
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
