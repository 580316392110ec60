import { diag } from '@opentelemetry/api';

/** Something that is made when it is first needed. */
export interface Lazy<T> {
  /** Makes it at the first call. Never throws. */
  get(): T;
  /** `undefined` as long as nobody needed it. */
  readonly value: T | undefined;
}

/** @param fallback what stands in when `make` fails, which is said: the app must not feel it */
export function lazy<T extends object>(make: () => T, fallback: T): Lazy<T> {
  let made: T | undefined;
  return {
    get() {
      if (made === undefined) {
        try {
          made = make();
        } catch (error) {
          made = fallback;
          diag.error('otel-xray: nothing is traced:', error);
        }
      }
      return made;
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
