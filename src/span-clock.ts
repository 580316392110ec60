/** The fields of a span of the SDK that tell its clock. */
export interface ClockedSpan {
  readonly startTime: readonly [seconds: number, nanoseconds: number];
  /** `performance.now()` at its start. */
  readonly _performanceStartTime: number;
  /** Whether the app gave the start time. */
  readonly _startTimeProvided: boolean;
}

/** Difference from which the clock of the system was set, or has drifted away from the monotonic one. */
const MAX_DIFFERENCE_MS = 20;

/**
 * Returns the start of a span on the clock of its parent, in milliseconds since 1970.
 *
 * The SDK takes the start of each span from `Date.now()`, which counts whole milliseconds, and its end from the
 * monotonic clock. A child then seems to start before its parent, or to end after it. Also used by the build in
 * the SDK: `scripts/build/span-start.ts`.
 *
 * @param parent of this process, if there is one
 * @param performanceNow `performance.now()`
 * @param now `Date.now()`, used for a span without a parent, and if the clocks differ
 */
export function startOnClock(
  parent: ClockedSpan | undefined,
  performanceNow: number,
  now: number,
): number {
  if (parent === undefined || parent._startTimeProvided) return now;
  const [seconds, nanoseconds] = parent.startTime;
  const start =
    seconds * 1000 + nanoseconds / 1e6 + (performanceNow - parent._performanceStartTime);
  return Math.abs(start - now) < MAX_DIFFERENCE_MS ? start : now;
}
