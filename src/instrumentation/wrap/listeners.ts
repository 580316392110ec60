import { errorMonitor } from 'node:events';
import { reportFailure } from './guard.ts';

/** Used by the build in the compiled-in instrumentations: `scripts/build/guard-listeners.ts`. */

type Listener = (this: unknown, ...args: unknown[]) => void;

const GUARDED: unique symbol = Symbol('otel-xray.guarded-listener');

/**
 * Returns a listener that never throws. Returns the same function for the same listener, so that it
 * can be removed.
 *
 * @param listener passed through unchanged if it is not a function
 */
export function guardListener(
  instrumentation: string,
  listener: Listener & { [GUARDED]?: Listener },
): Listener {
  if (typeof listener !== 'function') return listener;
  const known = listener[GUARDED];
  if (known !== undefined) return known;
  // Not assigned at once: V8 would allocate it in the old generation, where it keeps the listener alive.
  const guarded = function (this: unknown, ...args: unknown[]): void {
    try {
      listener.apply(this, args);
    } catch (error) {
      reportFailure(instrumentation, error);
    }
  };
  listener[GUARDED] = guarded;
  return guarded;
}

/**
 * Returns the event to listen to in place of the given one. A listener for `'error'` would keep the
 * emitter from throwing an error that the app does not handle.
 *
 * @see https://nodejs.org/api/events.html#eventserrormonitor
 */
export function eventToWatch(event: string | symbol): string | symbol {
  return event === 'error' ? errorMonitor : event;
}

/** Returns the message of anything that was thrown; `undefined` if it has none or cannot be read. */
export function messageOf(thrown: unknown): string | undefined {
  try {
    const { message } = thrown as { readonly message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
