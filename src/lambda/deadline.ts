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
