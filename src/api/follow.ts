import { type Context, context, type Span } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { recordError } from './errors.ts';

/**
 * Calls `fn` with the span active and ends the span when the work is done: on return, when a
 * promise settles, or when a generator finishes or is closed.
 *
 * The caller receives the return value or error of `fn` unchanged. Errors are recorded first.
 */
export function follow<T>(span: Span, active: Context, fn: (span: Span) => T): T {
  const work: Work = {
    active,
    done: () => attempt('ending a span', () => span.isRecording() && span.end()),
    failed: (error) => {
      recordError(span, error);
      work.done();
    },
  };
  let result: T;
  try {
    result = context.with(active, fn, undefined, span);
  } catch (error) {
    work.failed(error);
    throw error;
  }
  return observeResult(result, work) as T;
}

/** A call with an open span. */
interface Work {
  readonly active: Context;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Ends the span when the result is complete, or immediately if there is nothing to wait for. */
function observeResult(result: unknown, work: Work): unknown {
  if (result instanceof Promise) return observePromise(result, work);
  if (isGenerator(result)) return wrapGenerator(result, work);
  if (!isThenable(result) || !wrapThen(result, work)) work.done();
  return result;
}

/**
 * Observes a promise and returns the promise for the caller.
 *
 * A promise with additional members (a child process, a query) is returned itself. Observing it marks a
 * rejection as handled, so for plain promises a derived promise is returned instead.
 */
export function observePromise(
  promise: Promise<unknown>,
  { done, failed }: Observer,
): Promise<unknown> {
  if (Reflect.ownKeys(promise).length > 0) {
    promise.then(done, failed);
    return promise;
  }
  return promise.then(
    (value) => {
      done(value);
      return value;
    },
    (error: unknown) => {
      failed(error);
      throw error;
    },
  );
}

/** Told how a promise settles; must not throw. */
interface Observer {
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

type Then = PromiseLike<unknown>['then'];

/**
 * Observes a thenable that is not a promise, such as a query builder that runs when it is awaited. Its
 * `then` is wrapped in place, so it stays lazy and keeps its other methods.
 *
 * @returns `false` if the object cannot be changed; the span then ends with the call
 */
function wrapThen(thenable: { then: Then }, { active, done, failed }: Work): boolean {
  const original = thenable.then;
  const then: Then = (resolve, reject) =>
    context.with(active, () =>
      original.call(
        thenable,
        (value: unknown) => {
          done();
          return resolve ? resolve(value) : (value as never);
        },
        (error: unknown) => {
          failed(error);
          if (reject) return reject(error);
          throw error;
        },
      ),
    ) as never;
  return Reflect.defineProperty(thenable, 'then', {
    value: then,
    configurable: true,
    writable: true,
  });
}

type AnyGenerator = Generator | AsyncGenerator;

/**
 * Returns a generator that runs each step of the original with the span active. It inherits from the
 * prototype of the original, so iterator helpers and `for … of` with `break` work.
 */
function wrapGenerator(inner: AnyGenerator, work: Work): unknown {
  const step = (method: 'next' | 'return' | 'throw') => ({
    configurable: true,
    writable: true,
    value: (...args: unknown[]) => {
      try {
        const call = inner[method] as (...values: unknown[]) => unknown;
        const result = context.with(work.active, () => call.apply(inner, args));
        if (!(result instanceof Promise)) return finishStep(result, work);
        return result.then(
          (value) => finishStep(value, work),
          (error: unknown) => {
            work.failed(error);
            throw error;
          },
        );
      } catch (error) {
        work.failed(error);
        throw error;
      }
    },
  });
  return Object.create(Object.getPrototypeOf(inner), {
    next: step('next'),
    return: step('return'),
    throw: step('throw'),
  });
}

function finishStep(result: unknown, { done }: Work): unknown {
  if ((result as IteratorResult<unknown>).done) done();
  return result;
}

function isGenerator(value: unknown): value is AnyGenerator {
  const tag = Object.prototype.toString.call(value);
  return tag === '[object Generator]' || tag === '[object AsyncGenerator]';
}

function isThenable(value: unknown): value is { then: Then } {
  try {
    return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}
