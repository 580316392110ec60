import { diag } from '@opentelemetry/api';

/** Something that is made when it is first needed. */
export interface Lazy<T> {
  /** Makes it at the first call. Never throws. */
  get(): T;
  /** `undefined` as long as nobody needed it. */
  readonly value: T | undefined;
  /** Makes it by another function from now on; anew, when it was made already. */
  replace(make: () => T): void;
}

/** @param fallback what stands in when `make` fails, which is said: the app must not feel it */
export function lazy<T extends object>(make: () => T, fallback: T): Lazy<T> {
  let made: T | undefined;
  let making = make;
  const makeNow = (): T => {
    try {
      return making();
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
 * Does work of the start that can wait until the app's own start is over: in the first turn of the
 * event loop. In a program that ends before, it is never done.
 */
export function afterStart(work: () => void): void {
  setTimeout(work, 0).unref();
}
