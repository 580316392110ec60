import { recordingErrors } from '../spans/recording-errors.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';

/**
 * Returns handlers or middleware that record the errors that they throw or pass to `next`.
 *
 * @param instrumentation name for error messages
 * @param given a function or a list of them; anything else, such as a path, stays as it is
 * @param before runs before each function with the request
 */
export function watchedHandlers(
  instrumentation: string,
  given: unknown,
  before?: (request: unknown) => void,
): unknown {
  if (Array.isArray(given)) {
    return given.map((one) => watchedHandlers(instrumentation, one, before));
  }
  if (typeof given !== 'function') return given;
  const run = recordingErrors(instrumentation, given as AnyFunction);
  return like(run, function (this: unknown, ...args: unknown[]): unknown {
    if (before !== undefined) attempt(instrumentation, () => before(args[0]));
    const [request, response, next, ...others] = args;
    if (typeof next !== 'function') return run.apply(this, args);
    const recording = recordingNext(instrumentation, next as AnyFunction);
    return run.call(this, request, response, recording, ...others);
  });
}

function recordingNext(instrumentation: string, next: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (args[0]) recordRequestError(instrumentation, args[0]);
    return next.apply(this, args);
  };
}
