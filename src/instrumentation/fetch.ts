import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { attempt } from './guard.ts';

/** What `UndiciInstrumentation` has beside the usual. */
export interface FetchInstrumentation {
  onRequestCreated(message: unknown): void;
}

const CHANNEL = 'undici:request:create';

/**
 * Starts the instrumentation of `fetch` and undici at the first request.
 *
 * The message that woke it is handed on, or the first request would be lost.
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
