import type { HighResolutionTime } from '../span.ts';

/** Ten digits of seconds are what the segment schema accepts. */
const MAX_MICROS = 9_999_999_999e6;

/**
 * Whole microseconds since 1970.
 *
 * @returns `undefined` for a time that no document can carry: not a number, before 1970, or with
 *   more than ten digits of seconds
 */
export function epochMicros(time: HighResolutionTime): number | undefined {
  const micros = time[0] * 1e6 + Math.round(time[1] / 1_000);
  return micros > 0 && micros <= MAX_MICROS ? micros : undefined;
}

/** The same as seconds, with at most six decimals (R1.4, B-06). */
export function epochSeconds(time: HighResolutionTime): number | undefined {
  const micros = epochMicros(time);
  return micros === undefined ? undefined : secondsOf(micros);
}

/** One division of a whole number: adding a fraction to the seconds could show a seventh decimal. */
export function secondsOf(micros: number): number {
  return micros / 1e6;
}
