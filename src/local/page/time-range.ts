import type { Range } from './api.ts';

/** The ranges to choose from; `all` is what the store holds. */
export const RANGES: readonly {
  readonly key: string;
  readonly label: string;
  readonly seconds: number;
}[] = [
  { key: '5m', label: '5 min', seconds: 300 },
  { key: '1h', label: '1 h', seconds: 3_600 },
  { key: '6h', label: '6 h', seconds: 21_600 },
  { key: '', label: 'All', seconds: Number.POSITIVE_INFINITY },
];

/** Traces of a clock that runs ahead are still shown. */
const AHEAD_SECONDS = 86_400;
/** Latest time that X-Ray accepts. */
const LAST_SECOND = 1e10;

const CHOSEN = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/;

/** Returns the key of a range with a beginning and an end of its own, in epoch seconds. */
export function rangeKey(start: number, end: number): string {
  return `${Math.round(start * 1000) / 1000}-${Math.round(end * 1000) / 1000}`;
}

/** Returns the range of a key made by {@link rangeKey}; `undefined` for other keys. */
export function chosenRange(key: string): Range | undefined {
  const [, start, end] = CHOSEN.exec(key) ?? [];
  if (start === undefined || end === undefined) return undefined;
  return { start: Number(start), end: Number(end) };
}

/** @param key of {@link RANGES} or {@link rangeKey}; anything else is all */
export function rangeOf(key: string | undefined, nowMs: number): Range {
  const chosen = chosenRange(key ?? '');
  if (chosen !== undefined) return chosen;
  const seconds = RANGES.find((range) => range.key === key)?.seconds ?? Number.POSITIVE_INFINITY;
  const now = nowMs / 1000;
  return Number.isFinite(seconds)
    ? { start: now - seconds, end: Math.ceil(now + AHEAD_SECONDS) }
    : { start: 0, end: LAST_SECOND };
}
