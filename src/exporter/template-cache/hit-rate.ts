/** Number of lookups in a window. */
const WINDOW = 512;
const FIRST_PAUSE = 8_192;
const MAX_PAUSE = 65_536;

/**
 * Decides whether lookups in the cache are worth their cost. If too few lookups of a window are hits,
 * lookups pause. The pause gets longer after each such window.
 */
export interface HitRate {
  /** Minimum number of hits in a window. */
  enough: number;
  /** That of all windows but the first. */
  readonly enoughLater: number;
  /** Remaining lookups in the window. */
  left: number;
  hits: number;
  /** Remaining lookups to skip. */
  paused: number;
  nextPause: number;
}

/**
 * @param minShare minimum share of hits
 * @param firstMinShare that of the first window, in which the cache learns
 * @param firstWindow number of lookups in the first window
 */
export function newHitRate(
  minShare: number,
  firstMinShare: number,
  firstWindow: number = WINDOW,
): HitRate {
  return {
    enough: firstMinShare * firstWindow,
    enoughLater: minShare * WINDOW,
    left: firstWindow,
    hits: 0,
    paused: 0,
    nextPause: FIRST_PAUSE,
  };
}

/** Counts a lookup. Returns `false` if the caller must skip it. */
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
  rate.enough = rate.enoughLater;
  rate.left = WINDOW;
  rate.hits = 0;
}
