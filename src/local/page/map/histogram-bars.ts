import type { HistogramEntry } from '../api-types.ts';

export const BARS = 24;

/** Counts requests in bars of equal width from the least to the greatest value, in seconds. */
export function barsOf(entries: readonly HistogramEntry[]): {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
} {
  const values = entries.map(({ Value }) => Value);
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const counts = new Array<number>(BARS).fill(0);
  for (const { Value, Count } of entries) {
    const share = to === from ? 0 : (Value - from) / (to - from);
    const index = Math.min(Math.floor(share * BARS), BARS - 1);
    counts[index] = (counts[index] ?? 0) + Count;
  }
  return { from, to, counts };
}
