/** The fields of a span of the SDK that tell its clock. */
export interface ClockedSpan {
  readonly startTime: readonly [seconds: number, nanoseconds: number];
  /** `performance.now()` at its start. */
  readonly _performanceStartTime: number;
  /** Whether the app gave the start time. */
  readonly _startTimeProvided: boolean;
}

type HrTime = [seconds: number, nanoseconds: number];

/** Difference from which the clock of the system was set, or has drifted away from the monotonic one. */
const MAX_DIFFERENCE_MS = 20;

/**
 * Returns the start of a span on the clock of its parent, in milliseconds since 1970.
 *
 * The SDK takes the start of each span from `Date.now()`, which counts whole milliseconds, and its end from the
 * monotonic clock. A child then seems to start before its parent, or to end after it. Also used by the build in
 * the SDK, like the other functions of this file: `scripts/build/span-start.ts`.
 *
 * @param parent of this process, if there is one
 * @param performanceNow `performance.now()`
 * @param now `Date.now`, read for a span without a parent, and to find out whether the clocks differ. A clock
 *   of the system that was read less than {@link MAX_DIFFERENCE_MS} ago is not read again
 */
export function startOnClock(
  parent: ClockedSpan | undefined,
  performanceNow: number,
  now: () => number,
): number {
  if (parent === undefined || parent._startTimeProvided) return now();
  const [seconds, nanoseconds] = parent.startTime;
  const sinceParent = performanceNow - parent._performanceStartTime;
  const start = seconds * 1000 + nanoseconds / 1e6 + sinceParent;
  if (sinceParent < MAX_DIFFERENCE_MS) return start;
  const current = now();
  return Math.abs(start - current) < MAX_DIFFERENCE_MS ? start : current;
}

/** Returns milliseconds as the SDK does, without the remainder of a division, which is slow for doubles. */
export function hrTimeOf(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** Returns the end of a span that ends now. */
export function endOnClock({ startTime, _performanceStartTime }: ClockedSpan, now: number): HrTime {
  const ms = now - _performanceStartTime;
  const seconds = Math.trunc(ms / 1000);
  const nanoseconds = startTime[1] + Math.round((ms - seconds * 1000) * 1e6);
  return nanoseconds < 1e9
    ? [startTime[0] + seconds, nanoseconds]
    : [startTime[0] + seconds + 1, nanoseconds - 1e9];
}

/**
 * Returns the end of a span that ends now and whose start was given.
 *
 * @param performanceNow `performance.now()`
 * @param now `Date.now()`. A start that an app took from `performance` may be ahead of it, by less than
 *   {@link MAX_DIFFERENCE_MS}; the span then lasts as long as it has existed
 */
export function endAfterGivenStart(span: ClockedSpan, performanceNow: number, now: number): HrTime {
  const aheadMs = span.startTime[0] * 1000 + span.startTime[1] / 1e6 - now;
  const isOnOtherClock = aheadMs > 0 && aheadMs < MAX_DIFFERENCE_MS;
  return isOnOtherClock ? endOnClock(span, performanceNow) : hrTimeOf(now);
}

/** Returns by how many milliseconds the clock of a span, whose start was not given, is ahead of `performance`. */
export function clockOffset({ startTime, _performanceStartTime }: ClockedSpan): number {
  const startMs = startTime[0] * 1000 + startTime[1] / 1e6;
  return startMs - (_performanceStartTime + performance.timeOrigin);
}

/** Returns the time that `span.end()` would record now, to end the span later. */
export function currentTimeOf(span: object): HrTime | number {
  const { startTime, _performanceStartTime, _startTimeProvided } = span as Partial<ClockedSpan>;
  if (startTime === undefined || _performanceStartTime === undefined) return Date.now();
  return _startTimeProvided
    ? endAfterGivenStart(span as ClockedSpan, performance.now(), Date.now())
    : endOnClock(span as ClockedSpan, performance.now());
}
