import type { ApiFailure } from '../../xray-api/errors.ts';

/** Decides when to call again after a failure. Driven by events and a clock number. */
export interface ApiPause {
  /** No call starts before this time, because X-Ray asked for fewer calls or denied them. */
  readonly untilMs: number;
  /** Whether the last call was denied, so that waiting for the next one is of no use. */
  readonly isDenied: boolean;
  /** Returns when to send a batch again that failed for the n-th time. */
  failed(failure: ApiFailure, attempts: number, nowMs: number): number;
  succeeded(): void;
}

const FIRST_MS = 50;
/** The first pause when X-Ray throttles. */
const THROTTLED_MS = 200;
const MAX_MS = 30_000;
/** Permissions are changed by hand. */
const DENIED_MS = 10_000;

/** @param random returns a number from 0 to 1, which spreads the calls of many processes */
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
