import type { ApiFailure } from '../../xray-api/errors.ts';

/**
 * Decides when to retry after a failure. Has no timers: events and the current time are arguments.
 */
export interface ApiPause {
  /** Earliest time of the next call after X-Ray throttled or denied one. */
  readonly untilMs: number;
  /** Whether the last call was denied, so that a flush need not wait for the next one. */
  readonly isDenied: boolean;
  /** Returns the time of the next attempt for a batch that failed for the n-th time. */
  failed(failure: ApiFailure, attempts: number, nowMs: number): number;
  succeeded(): void;
}

const FIRST_MS = 50;
/** The first pause after X-Ray throttled a call. */
const THROTTLED_MS = 200;
const MAX_MS = 30_000;
/** The pause after a denied call; permissions rarely change. */
const DENIED_MS = 10_000;

/** @param random returns a number from 0 to 1, for the jitter */
export function createApiPause(random: () => number): ApiPause {
  let throttles = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let isDenied = false;

  const backOffMs = (firstMs: number, attempts: number): number =>
    Math.min(MAX_MS, firstMs * 2 ** (attempts - 1)) * (0.5 + random() / 2);
  return {
    get untilMs() {
      return untilMs;
    },
    get isDenied() {
      return isDenied;
    },
    failed({ kind, retryAfterMs = 0 }, attempts, nowMs) {
      isDenied = kind === 'denied';
      // The AWS client has corrected its clock, or will read the credentials again.
      const isCorrected = kind === 'skewed' || kind === 'credentials';
      if (isCorrected && attempts === 1) return nowMs;
      throttles = kind === 'throttled' ? throttles + 1 : 0;
      const againMs = nowMs + Math.max(retryAfterMs, backOffMs(FIRST_MS, attempts));
      if (kind === 'throttled') {
        untilMs = Math.max(againMs, nowMs + backOffMs(THROTTLED_MS, throttles));
      } else if (isDenied || retryAfterMs > 0) {
        untilMs = Math.max(againMs, nowMs + (isDenied ? DENIED_MS : 0));
      }
      return againMs;
    },
    succeeded() {
      throttles = 0;
      isDenied = false;
    },
  };
}
