import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { attempt } from '../wrap/guard.ts';

/** The part of `UndiciInstrumentation` that is used here. */
export interface FetchInstrumentation {
  onRequestCreated(message: unknown): void;
}

const CHANNEL = 'undici:request:create';

/**
 * Starts the instrumentation of `fetch` and undici at the first request, which it also receives.
 *
 * @see docs/spec/packaging.md section 3.1
 */
export function onFirstFetch(start: () => FetchInstrumentation | undefined): () => void {
  const first = (message: unknown): void => {
    unsubscribe(CHANNEL, first);
    attempt('undici', () => start()?.onRequestCreated(message));
  };
  subscribe(CHANNEL, first);
  return () => {
    unsubscribe(CHANNEL, first);
  };
}
