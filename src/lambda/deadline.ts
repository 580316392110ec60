/** Time that the last datagrams and a busy event loop need before Lambda kills the process. */
const MARGIN_MS = { least: 50, most: 1_000, share: 0.1 } as const;
/** The longest delay of a timer in Node; a function runs for at most 15 minutes. */
const MAX_DELAY_MS = 2_147_483_647;

/**
 * How long after now the in-progress documents leave.
 *
 * @param remainingMs time until Lambda kills the process
 * @returns `undefined` when there is no time left for it, or the time is no number
 */
export function delayBeforeDeadline(remainingMs: unknown): number | undefined {
  if (typeof remainingMs !== 'number' || !(remainingMs > MARGIN_MS.least)) return undefined;
  const { least, most, share } = MARGIN_MS;
  const margin = Math.min(most, Math.max(least, remainingMs * share));
  return Math.min(remainingMs - margin, MAX_DELAY_MS);
}
