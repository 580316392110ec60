import type { Expression } from './filter/expression.ts';
import { matches } from './filter/matches.ts';
import { prefilter } from './filter/prefilter.ts';
import { indexTrace, type TraceIndex } from './filter/trace-index.ts';
import type { Page, TraceQuery } from './store/query.ts';
import type { Store, StoredTrace } from './store/store.ts';
import { assemble } from './trace/assemble.ts';

/** Milliseconds of work before yielding to the event loop. */
const STRETCH_MS = 10;
const ROWS = 200;

export interface Found extends Page {
  readonly stored: StoredTrace;
  readonly traceIndex: TraceIndex;
}

export interface SearchOptions {
  readonly range: Pick<TraceQuery, 'from' | 'to' | 'by'>;
  readonly expression: Expression;
  /** An additional condition that the filter language cannot express. */
  readonly also?: ((traceIndex: TraceIndex) => boolean) | undefined;
  readonly after?: Page | undefined;
}

/** Yields every matching trace, newest first. Pauses for other work. */
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
      // It may have been evicted meanwhile.
      if (stored === undefined) continue;
      const traceIndex = indexTrace(assemble(stored.id, stored.documents));
      if (matches(expression, traceIndex) && (also?.(traceIndex) ?? true)) {
        yield { stored, traceIndex, start: candidate.start, key: candidate.key };
      }
    }
    if (candidates.length < ROWS) return;
  }
}

/** Yields the keys of all traces of a range without reading them. Pauses for other work. */
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

/** Updates the index of all traces that are stale now. Later changes do not delay a search. */
export async function refreshed(store: Store): Promise<void> {
  let left = store.behind;
  while (left > 0) {
    left -= Math.max(store.refresh(STRETCH_MS), 1);
    if (left > 0) await new Promise(setImmediate);
  }
}

/** Returns a function that yields to the event loop after {@link STRETCH_MS} of work. */
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
