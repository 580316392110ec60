import type { HighResolutionTime } from '../span.ts';

/** The segment schema accepts ten digits of seconds. */
const MAX_MICROS = 9_999_999_999e6;

/**
 * Returns whole microseconds since 1970; `undefined` for a time that is not a number, before 1970,
 * or has more than ten digits of seconds.
 */
export function epochMicros(time: HighResolutionTime): number | undefined {
  const micros = time[0] * 1e6 + Math.round(time[1] / 1_000);
  return micros > 0 && micros <= MAX_MICROS ? micros : undefined;
}

/** Returns the same as seconds with at most six decimals (R1.4, B-06). */
export function epochSeconds(time: HighResolutionTime): number | undefined {
  const micros = epochMicros(time);
  return micros === undefined ? undefined : secondsOf(micros);
}

/** Divides a whole number once: adding a fraction could give a seventh decimal. */
export function secondsOf(micros: number): number {
  return micros / 1e6;
}
