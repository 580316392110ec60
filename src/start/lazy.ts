import { diag } from '@opentelemetry/api';
import { untraced } from '../untraced.ts';

/** A value that is created when it is first needed. */
export interface Lazy<T> {
  /** Returns the value, created at the first call. Never throws. */
  get(): T;
  /** `undefined` until the first call of `get`. */
  readonly value: T | undefined;
  /** Replaces the function that creates the value, and the value if it exists already. */
  replace(make: () => T): void;
}

/** @param fallback the value if `make` throws, which logs one error and leaves the app untraced */
export function lazy<T extends object>(make: () => T, fallback: T): Lazy<T> {
  let made: T | undefined;
  let making = make;
  const makeNow = (): T => {
    try {
      // `making` loads files, which the instrumentation of `fs` traces: that span would need the value.
      return untraced(making);
    } catch (error) {
      diag.error('otel-xray: nothing is traced:', error);
      return fallback;
    }
  };
  return {
    get() {
      made ??= makeNow();
      return made;
    },
    replace(next) {
      making = next;
      if (made !== undefined) made = makeNow();
    },
    get value() {
      return made;
    },
  };
}

/**
 * Schedules work of the start that can wait until the app has started: it runs in the first turn of
 * the event loop, and never in a program that ends before that.
 *
 * @returns cancels the work
 */
export function afterStart(work: () => void): () => void {
  const timer = setTimeout(work, 0).unref();
  return () => clearTimeout(timer);
}
