/** The time of a response on X-Ray's clock and on the local clock, in epoch seconds. */
export interface ReplyTime {
  /** The `Date` header of the response, if any. */
  readonly serverSeconds: number | undefined;
  readonly localSeconds: number;
}

/** Smaller differences are ignored, since the `Date` header has whole seconds. */
const SAME_CLOCK_SECONDS = 2;
const FARTHEST_SECONDS = 3_600;

/**
 * Returns the time until an instant of X-Ray's clock, in milliseconds; 0 if it is in the past.
 *
 * The difference of the clocks is derived from the `Date` header. Without it, an instant in the past
 * or more than an hour ahead shows that the clocks differ, and two report intervals are used.
 */
export function remainingMs(
  instantSeconds: number | undefined,
  { serverSeconds, localSeconds }: ReplyTime,
  intervalMs: number,
): number | undefined {
  if (instantSeconds === undefined) return undefined;
  if (serverSeconds === undefined) {
    const ahead = instantSeconds - localSeconds;
    return ahead < 0 || ahead > FARTHEST_SECONDS ? 2 * intervalMs : ahead * 1000;
  }
  const offset = serverSeconds - localSeconds;
  const now = Math.abs(offset) >= SAME_CLOCK_SECONDS ? serverSeconds : localSeconds;
  return Math.max(0, (instantSeconds - now) * 1000);
}

/**
 * Detects changes of the rules by comparing times of X-Ray's clock only. With a local clock that is
 * minutes off, either every response or none would look like a change.
 */
export interface Modifications {
  /** Returns whether a `LastRuleModification` is newer than the current rules. */
  isNewer(modifiedSeconds: number | undefined): boolean;
  /** Records that rules were fetched which include all changes up to these times. */
  markHandled(...seconds: readonly (number | undefined)[]): void;
}

export function trackModifications(): Modifications {
  let handled = 0;
  return {
    isNewer: (modifiedSeconds) => modifiedSeconds !== undefined && modifiedSeconds > handled,
    markHandled(...seconds) {
      handled = Math.max(handled, ...seconds.map((value) => value ?? 0));
    },
  };
}
