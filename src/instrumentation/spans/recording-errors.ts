import { types } from 'node:util';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { recordRequestError } from './request-errors.ts';

/**
 * Returns middleware or a handler whose errors are recorded before they go on. The promise for the caller is a
 * derived one, so that a rejection that nothing handles stays unhandled.
 *
 * @param instrumentation name for error messages
 */
export function recordingErrors(instrumentation: string, middleware: AnyFunction): AnyFunction {
  // Koa 2 converts these.
  if (types.isGeneratorFunction(middleware)) return middleware;
  const rethrow = (error: unknown): never => {
    recordRequestError(instrumentation, error);
    throw error;
  };
  return like(middleware, function (this: unknown, ...args: unknown[]): unknown {
    let result: unknown;
    try {
      result = middleware.apply(this, args);
    } catch (error) {
      return rethrow(error);
    }
    return types.isPromise(result) ? result.then(undefined, rethrow) : result;
  });
}
