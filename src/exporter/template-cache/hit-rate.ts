/** Look-ups after which it is decided whether they were worth it. */
const WINDOW = 512;
const FIRST_PAUSE = 1_024;
const MAX_PAUSE = 65_536;

/**
 * Decides whether a look-up in the cache is worth it: if too few look-ups of a window were hits, a
 * pause follows, and after each useless window a longer one.
 */
export interface HitRate {
  /** Hits of a window that are enough. */
  readonly enough: number;
  /** Look-ups until the decision. */
  left: number;
  hits: number;
  /** Look-ups to skip. */
  paused: number;
  nextPause: number;
}

/**
 * @param minShare the share of hits from which on look-ups are worth it
 * @param warmUp look-ups before the first decision, while the cache learns
 */
export function newHitRate(minShare: number, warmUp: number): HitRate {
  return { enough: minShare * WINDOW, left: warmUp, hits: 0, paused: 0, nextPause: FIRST_PAUSE };
}

/** Counts a look-up that is due. Returns `false` if it is to be skipped. */
export function isWorthwhile(rate: HitRate): boolean {
  if (rate.paused > 0) {
    rate.paused -= 1;
    return false;
  }
  rate.left -= 1;
  if (rate.left === 0) decide(rate);
  return true;
}

function decide(rate: HitRate): void {
  if (rate.hits >= rate.enough) rate.nextPause = FIRST_PAUSE;
  else {
    rate.paused = rate.nextPause;
    rate.nextPause = Math.min(MAX_PAUSE, rate.nextPause * 2);
  }
  rate.left = WINDOW;
  rate.hits = 0;
}
