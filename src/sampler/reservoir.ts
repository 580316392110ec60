import { clampRate } from './rule.ts';

/** Counts of one rule since they were last reported. */
export interface Counts {
  requests: number;
  sampled: number;
  borrowed: number;
  /** Requests whose end was observed, for rules that X-Ray may boost; sampled or not. */
  observed: number;
  /** Observed requests with an anomaly, and those of them that were sampled. */
  anomalies: number;
  sampledAnomalies: number;
}

/**
 * The state that decides whether requests of one rule are sampled. Owned by one sampler and changed
 * in place, because every trace updates it; all times are arguments.
 */
export interface Reservoir {
  /** Requests per second of the whole account; above 0 this process may borrow one per second. */
  reservoirSize: number;
  /** Sampling probability after the reservoir is used up. */
  rate: number;
  /** This process's share of the reservoir, in requests per second; `undefined` until X-Ray assigned one. */
  quota: number | undefined;
  /** When the quota ends, in milliseconds of the monotonic clock. */
  quotaEndMs: number;
  /** A temporary rate that X-Ray assigns during an anomaly; used while it is above `rate`. */
  boostRate: number;
  boostEndMs: number;
  /** The wall-clock second of the next two counters. */
  second: number;
  taken: number;
  borrowed: number;
}

/** The two clocks of a decision, in milliseconds: wall clock and monotonic clock. */
export interface Clock {
  wallMs(): number;
  steadyMs(): number;
}

export function newReservoir(reservoirSize: number, rate: number): Reservoir {
  return {
    reservoirSize,
    rate,
    quota: undefined,
    quotaEndMs: 0,
    boostRate: 0,
    boostEndMs: 0,
    second: -1,
    taken: 0,
    borrowed: 0,
  };
}

/**
 * Decides about one request and counts it: first by the quota of this second, or by a borrowed
 * request without a quota; then by the rate, with the trace id as the source of randomness.
 *
 * A quota of 0 samples nothing and does not borrow. Borrowing resumes when a quota expires, so that a
 * rule with rate 0 still samples while the daemon is away.
 *
 * @param second current second of the wall clock; each second opens a new window
 * @param clock read only to check an expiry, because reading it costs as much as the rest
 */
export function decide(
  reservoir: Reservoir,
  counts: Counts,
  traceId: string,
  second: number,
  clock: Pick<Clock, 'steadyMs'>,
): boolean {
  counts.requests += 1;
  if (second !== reservoir.second) {
    reservoir.second = second;
    reservoir.taken = 0;
    reservoir.borrowed = 0;
  }
  if (reservoir.quota !== undefined && clock.steadyMs() < reservoir.quotaEndMs) {
    if (reservoir.taken < reservoir.quota) {
      reservoir.taken += 1;
      counts.sampled += 1;
      return true;
    }
  } else if (reservoir.reservoirSize > 0 && reservoir.borrowed < 1) {
    reservoir.borrowed += 1;
    // Counts as taken: a quota that arrives later in this second must not allow it again.
    reservoir.taken += 1;
    counts.borrowed += 1;
    counts.sampled += 1;
    return true;
  }
  if (!sampledAt(rateNow(reservoir, clock), traceId)) return false;
  counts.sampled += 1;
  return true;
}

/** Returns the rate in use: the boost, if it is active and above the rate of the rule. */
export function rateNow(reservoir: Reservoir, clock: Pick<Clock, 'steadyMs'>): number {
  const { rate, boostRate } = reservoir;
  return boostRate > rate && clock.steadyMs() < reservoir.boostEndMs ? boostRate : rate;
}

const RANGE = 0x1_0000_0000;

/**
 * Returns whether a trace is sampled at a rate. A pure function of both, so that services which share a
 * trace id without a decision agree, and monotone: sampled at 0.2 implies sampled at 0.5.
 *
 * The last 32 bits count: an X-Ray trace id begins with the time, which is not random.
 */
export function sampledAt(rate: number, traceId: string): boolean {
  const probability = clampRate(rate);
  if (probability === 0) return false;
  return probability === 1 || lastBits(traceId) >>> 0 < probability * RANGE;
}

/**
 * Returns the last eight hex digits of an id as 32 bits; an invalid character counts as 0. Signed,
 * because V8 passes 32-bit integers without allocating.
 */
function lastBits(traceId: string): number {
  let bits = 0;
  for (let i = Math.max(0, traceId.length - 8); i < traceId.length; i += 1) {
    const code = traceId.charCodeAt(i);
    let digit = 0;
    if (code >= 48 && code <= 57) digit = code - 48;
    else if (code >= 97 && code <= 102) digit = code - 87;
    else if (code >= 65 && code <= 70) digit = code - 55;
    bits = (bits << 4) | digit;
  }
  return bits;
}
