/** When a reply came, by X-Ray's clock and by ours, in epoch seconds. */
export interface ReplyTime {
  /** The reply's `Date` header; `undefined` when it had none. */
  readonly serverSeconds: number | undefined;
  readonly localSeconds: number;
}

/** Below this the clocks count as equal: the `Date` header has whole seconds. */
const SAME_CLOCK_SECONDS = 2;
const FARTHEST_SECONDS = 3_600;

/**
 * How long an instant of X-Ray's clock is still ahead, in milliseconds; 0 when it is past.
 *
 * The two clocks are compared through the reply's `Date`. Without it an instant that is past, or
 * more than an hour ahead, says that the clocks differ, and two report intervals are taken instead.
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
 * Tells when the rules were changed, by comparing instants of X-Ray's own clock only: the local
 * clock may be minutes off, and then either every poll or none would look like a change.
 */
export interface Modifications {
  /** Whether this `LastRuleModification` is newer than the rules we have. */
  isNewer(modifiedSeconds: number | undefined): boolean;
  /** The rules were fetched; they hold every change up to these instants. */
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
