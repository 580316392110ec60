import { attempt } from '../attempt.ts';

/** Time before the deadline that is left for sending, with a busy event loop. */
const MARGIN_MS = { least: 50, most: 1_000, share: 0.1 } as const;
/** The longest delay of a timer in Node; a function runs for at most 15 minutes. */
const MAX_DELAY_MS = 2_147_483_647;

/**
 * Returns the delay, in milliseconds, after which in-progress documents are sent.
 *
 * @param remainingMs time until Lambda kills the process
 * @returns `undefined` if too little time remains, or if the argument is not a number
 */
export function delayBeforeDeadline(remainingMs: unknown): number | undefined {
  if (typeof remainingMs !== 'number' || !(remainingMs > MARGIN_MS.least)) return undefined;
  const { least, most, share } = MARGIN_MS;
  const margin = Math.min(most, Math.max(least, remainingMs * share));
  return Math.min(remainingMs - margin, MAX_DELAY_MS);
}

interface Watched {
  readonly dueMs: number;
  readonly run: () => void;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
/** When the timer fires; `Infinity` without one. */
let timerMs = Number.POSITIVE_INFINITY;

/**
 * Calls a function after a delay, unless the returned function is called before. Does not keep the process
 * alive.
 *
 * All invocations share a timer, which stays set when an invocation ends: to set and to clear one takes 6 µs
 * of each invocation.
 */
export function atDeadline(delayMs: number, run: () => void): () => void {
  const nowMs = performance.now();
  const entry: Watched = { dueMs: nowMs + delayMs, run };
  watched.add(entry);
  if (entry.dueMs < timerMs) setTimer(entry.dueMs, nowMs);
  return () => void watched.delete(entry);
}

function setTimer(dueMs: number, nowMs: number): void {
  clearTimeout(timer);
  timerMs = dueMs;
  timer = setTimeout(onTimer, Math.max(0, dueMs - nowMs)).unref();
}

function onTimer(): void {
  timerMs = Number.POSITIVE_INFINITY;
  const nowMs = performance.now();
  let nextMs = Number.POSITIVE_INFINITY;
  for (const entry of watched) {
    if (entry.dueMs - nowMs < 1) {
      watched.delete(entry);
      attempt('sending the spans of an invocation', entry.run);
    } else nextMs = Math.min(nextMs, entry.dueMs);
  }
  if (nextMs < timerMs) setTimer(nextMs, nowMs);
}
