import { DEFAULT_INTERVAL_MS, type SamplingTarget } from './protocol.ts';
import { type Counts, newReservoir, type Reservoir } from './reservoir.ts';
import { inOrder, type SamplingRule, sameRule } from './rule.ts';

/** Counts that could not be reported for so long are dropped: X-Ray reads a report as "just now". */
const MAX_CARRY_MS = 60_000;
/** A target timer is never exact; what is due within this is due now. */
const DUE_SLACK_MS = 500;

/** A part of the counts that is on its way, or came back. */
interface Part {
  readonly counts: Counts;
  readonly sinceMs: number;
}

/** All that this process knows and counts for one rule. */
export interface RuleState {
  rule: SamplingRule;
  readonly reservoir: Reservoir;
  counts: Counts;
  /** Sent, not yet answered: what was counted anew, and what had come back once before. */
  pending: { readonly fresh: Part; readonly carried: Counts } | undefined;
  /** Came back from a failed report; goes out once more with the next. */
  carried: Part | undefined;
  /** Requests X-Ray will never be told of, because reports failed for too long. */
  dropped: number;
  intervalMs: number;
  nextReportMs: number;
}

/** The counts of one rule as they go into a report. */
export interface Report {
  readonly state: RuleState;
  readonly counts: Readonly<Counts>;
}

export const noCounts = (): Counts => ({ requests: 0, sampled: 0, borrowed: 0 });

/**
 * The states of a new set of rules; a rule that was there before keeps its own by name.
 *
 * Counts always stay, even if the rule was edited. Quota and this second's counters stay unless
 * the reservoir became 0. A new rate counts at once; otherwise the target's stays.
 *
 * @param nowMs monotonic
 */
export function withRules(
  states: readonly RuleState[],
  rules: readonly SamplingRule[],
  nowMs: number,
): RuleState[] {
  const before = new Map(states.map((state) => [state.rule.RuleName, state]));
  const seen = new Set<string>();
  const unique = rules.filter(({ RuleName }) => !seen.has(RuleName) && seen.add(RuleName));
  return inOrder(unique).map((rule) => {
    const state = before.get(rule.RuleName);
    return state === undefined ? newState(rule, nowMs) : updatedState(state, rule);
  });
}

function newState(rule: SamplingRule, nowMs: number): RuleState {
  return {
    rule,
    reservoir: newReservoir(rule.ReservoirSize, rule.FixedRate),
    counts: noCounts(),
    pending: undefined,
    carried: undefined,
    dropped: 0,
    intervalMs: DEFAULT_INTERVAL_MS,
    // Due at the first look: until a quota comes this process borrows beside all others.
    nextReportMs: nowMs,
  };
}

function updatedState(state: RuleState, rule: SamplingRule): RuleState {
  if (sameRule(state.rule, rule)) return state;
  const { reservoir } = state;
  if (rule.FixedRate !== state.rule.FixedRate) reservoir.rate = rule.FixedRate;
  if (rule.ReservoirSize === 0) {
    Object.assign(reservoir, { quota: undefined, quotaEndMs: 0, taken: 0, borrowed: 0 });
  }
  reservoir.reservoirSize = rule.ReservoirSize;
  state.rule = rule;
  return state;
}

/** Moves the counts of every rule that is due to `pending`, and returns them. Counting goes on. */
export function takeDue(
  states: readonly RuleState[],
  nowMs: number,
  everything: boolean = false,
): Report[] {
  const reports: Report[] = [];
  for (const state of states) {
    if (state.pending !== undefined) continue;
    if (!everything && state.nextReportMs - DUE_SLACK_MS > nowMs) continue;
    const carried = unexpiredCounts(state, nowMs);
    state.carried = undefined;
    const counts = sum(state.counts, carried);
    if (counts.requests === 0) continue;
    state.pending = { fresh: { counts: state.counts, sinceMs: nowMs }, carried };
    state.counts = noCounts();
    state.nextReportMs = nowMs + state.intervalMs;
    reports.push({ state, counts });
  }
  return reports;
}

/** What came back from a failed report, unless it is too old to be taken for "just now". */
function unexpiredCounts(state: RuleState, nowMs: number): Counts {
  const { carried } = state;
  if (carried === undefined) return noCounts();
  if (nowMs - carried.sinceMs <= MAX_CARRY_MS) return carried.counts;
  state.dropped += carried.counts.requests;
  return noCounts();
}

/** The report arrived. */
export function confirmReport(state: RuleState): void {
  state.pending = undefined;
}

/** The report failed: what was new in it goes out once more, what had failed before is dropped. */
export function restoreReport(state: RuleState): void {
  state.dropped += state.pending?.carried.requests ?? 0;
  state.carried = state.pending?.fresh;
  state.pending = undefined;
}

/**
 * Applies what X-Ray assigned for a while. Absent parts leave what is known.
 *
 * @param ends how long quota and boost last from now, in milliseconds
 * @param nowMs monotonic
 */
export function applyTarget(
  state: RuleState,
  target: SamplingTarget,
  ends: { readonly quotaMs: number | undefined; readonly boostMs: number | undefined },
  nowMs: number,
): void {
  const { reservoir } = state;
  if (target.fixedRate !== undefined) reservoir.rate = target.fixedRate;
  if (target.quota !== undefined && ends.quotaMs !== undefined) {
    reservoir.quota = target.quota;
    reservoir.quotaEndMs = nowMs + ends.quotaMs;
  }
  if (target.boostRate !== undefined && ends.boostMs !== undefined) {
    reservoir.boostRate = target.boostRate;
    reservoir.boostEndMs = nowMs + ends.boostMs;
  }
  const sentMs = state.nextReportMs - state.intervalMs;
  state.intervalMs = target.intervalMs;
  state.nextReportMs = sentMs + target.intervalMs;
}

/**
 * Milliseconds until the next look at what is due: the shortest interval of all rules, or a little
 * less when a quota would end before. In the gap every process of a fleet would borrow.
 */
export function nextCheckDelayMs(states: readonly RuleState[], nowMs: number): number {
  let leastMs = DEFAULT_INTERVAL_MS;
  let quotaEndMs = Number.POSITIVE_INFINITY;
  for (const { intervalMs, reservoir } of states) {
    leastMs = Math.min(leastMs, intervalMs);
    if (reservoir.quota !== undefined && reservoir.quotaEndMs > nowMs) {
      quotaEndMs = Math.min(quotaEndMs, reservoir.quotaEndMs);
    }
  }
  const earliestMs = Math.max(leastMs / 2, leastMs - DUE_SLACK_MS);
  return Math.max(earliestMs, Math.min(leastMs, quotaEndMs - nowMs - DUE_SLACK_MS));
}

function sum(a: Readonly<Counts>, b: Readonly<Counts>): Counts {
  return {
    requests: a.requests + b.requests,
    sampled: a.sampled + b.sampled,
    borrowed: a.borrowed + b.borrowed,
  };
}
