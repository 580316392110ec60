import type { HighResolutionTime } from './span.ts';

/** Ten digits of seconds are what the segment schema accepts. */
const MAX_SECONDS = 9_999_999_999;

/**
 * Epoch seconds with at most six decimals (R1.4, B-06).
 *
 * @returns `undefined` for a time that no document can carry: not a number, before 1970, or with
 *   more than ten digits
 */
export function epochSeconds(time: HighResolutionTime): number | undefined {
  // One division of a whole number: adding a fraction to the seconds could show a seventh decimal.
  const seconds = (time[0] * 1e6 + Math.round(time[1] / 1_000)) / 1e6;
  return seconds > 0 && seconds <= MAX_SECONDS ? seconds : undefined;
}
