import type { Expression } from './filter/expression.ts';
import { matches } from './filter/matches.ts';
import { prefilter } from './filter/prefilter.ts';
import { indexTrace, type TraceIndex } from './filter/trace-index.ts';
import type { Page, TraceQuery } from './store/query.ts';
import type { Store, StoredTrace } from './store/store.ts';
import { assemble } from './trace/assemble.ts';

/** Work at a stretch, milliseconds; between two stretches datagrams are read and others answered. */
const STRETCH_MS = 10;
const ROWS = 200;

export interface Found extends Page {
  readonly stored: StoredTrace;
  readonly traceIndex: TraceIndex;
}

export interface SearchOptions {
  readonly range: Pick<TraceQuery, 'from' | 'to' | 'by'>;
  readonly expression: Expression;
  /** A further condition that cannot be said in the filter language. */
  readonly also?: ((traceIndex: TraceIndex) => boolean) | undefined;
  readonly after?: Page | undefined;
}

/** Every trace that matches, newest first; lets others work in between. */
export async function* search(
  store: Store,
  { range, expression, also, after }: SearchOptions,
): AsyncGenerator<Found, void, undefined> {
  await refreshed(store);
  const query: TraceQuery = { ...range, condition: prefilter(expression) };
  const pause = yielder();
  let place = after;
  for (;;) {
    const candidates = store.candidates(query, place, ROWS);
    for (const candidate of candidates) {
      await pause();
      place = candidate;
      const stored = store.trace(candidate.id);
      // It may have been evicted while others worked.
      if (stored === undefined) continue;
      const traceIndex = indexTrace(assemble(stored.id, stored.documents));
      if (matches(expression, traceIndex) && (also?.(traceIndex) ?? true)) {
        yield { stored, traceIndex, start: candidate.start, key: candidate.key };
      }
    }
    if (candidates.length < ROWS) return;
  }
}

/** Keys of all traces of a range without reading them; lets others work in between. */
export async function* keysOf(
  store: Store,
  range: SearchOptions['range'],
): AsyncGenerator<number, void, undefined> {
  await refreshed(store);
  const pause = yielder();
  let place: Page | undefined;
  for (;;) {
    const candidates = store.candidates({ ...range, condition: undefined }, place, ROWS * 10);
    for (const candidate of candidates) {
      await pause();
      place = candidate;
      yield candidate.key;
    }
    if (candidates.length < ROWS * 10) return;
  }
}

/** Brings up to date what is behind now. What arrives meanwhile must not delay a search. */
export async function refreshed(store: Store): Promise<void> {
  let left = store.behind;
  while (left > 0) {
    left -= Math.max(store.refresh(STRETCH_MS), 1);
    if (left > 0) await new Promise(setImmediate);
  }
}

/** Returns a function that yields to the event loop whenever the work took too long at a stretch. */
export function yielder(): () => Promise<void> | undefined {
  let until = performance.now() + STRETCH_MS;
  return () => {
    if (performance.now() < until) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        until = performance.now() + STRETCH_MS;
        resolve();
      });
    });
  };
}
