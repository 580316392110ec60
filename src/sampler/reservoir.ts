import { clampRate } from './rule.ts';

/** Counts of one rule since they were last reported. */
export interface Counts {
  requests: number;
  sampled: number;
  borrowed: number;
}

/**
 * What decides whether the requests of one rule are sampled. Owned by one sampler and changed in
 * place, since it is touched for every trace; all times are arguments.
 */
export interface Reservoir {
  /** Requests per second of the whole account; above 0 this process may borrow one per second. */
  reservoirSize: number;
  /** Probability once the reservoir gave nothing. */
  rate: number;
  /** This process's share of the reservoir, in requests per second; `undefined` until X-Ray assigned one. */
  quota: number | undefined;
  /** When the quota ends, in milliseconds of the monotonic clock. */
  quotaEndMs: number;
  /** A rate that X-Ray lends during an anomaly; counts only while it is above `rate`. */
  boostRate: number;
  boostEndMs: number;
  /** The wall-clock second the two next counts belong to. */
  second: number;
  taken: number;
  borrowed: number;
}

/** The two clocks of a decision, in milliseconds: of the day, and one that never steps. */
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
 * Decides about one request and counts it: first this second's quota, or a borrowed request when
 * there is no quota; then the rate, for which the trace id is the die.
 *
 * A quota of 0 takes nothing and does not borrow. Borrowing resumes when a quota runs out, so that
 * a rule with rate 0 goes on while the daemon is away.
 *
 * @param second the wall clock's; each opens a new window
 * @param clock read only when an end has to be compared, since reading it costs as much as the rest
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
    // Taken as well: a quota that comes later in this second must not give it out again.
    reservoir.taken += 1;
    counts.borrowed += 1;
    counts.sampled += 1;
    return true;
  }
  if (!sampledAt(rateNow(reservoir, clock), traceId)) return false;
  counts.sampled += 1;
  return true;
}

/** The rate in force: the boost while it lasts and is above the rule's own. */
export function rateNow(reservoir: Reservoir, clock: Pick<Clock, 'steadyMs'>): number {
  const { rate, boostRate } = reservoir;
  return boostRate > rate && clock.steadyMs() < reservoir.boostEndMs ? boostRate : rate;
}

const RANGE = 0x1_0000_0000;

/**
 * Whether a trace is sampled at a rate. A pure function of both, so that services which share a
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
 * The last eight hex digits of an id as 32 bits; a character that is none counts as 0. Signed,
 * because V8 hands a whole number of 32 bits on without making an object for it.
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
