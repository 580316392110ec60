/**
 * What an HTTP status means for the flags of a segment.
 *
 * @see docs/spec/translation.md section 4.1
 */

/** Returns whether a status sets `fault`. */
export function isFaultStatus(status: number): boolean {
  return status >= 500;
}

/** Returns whether a status sets `error`. */
export function isErrorStatus(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Returns whether a status sets `throttle` as well as `error`. */
export function isThrottleStatus(status: number): boolean {
  return status === 429;
}
