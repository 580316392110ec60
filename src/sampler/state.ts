import { type Counts, newReservoir, type Reservoir } from './reservoir.ts';
import { inOrder, type SamplingRule, sameRule } from './rule.ts';
import { DEFAULT_INTERVAL_MS, type SamplingTarget } from './target.ts';

/** Unreported counts older than this are dropped: X-Ray treats a report as current. */
const MAX_CARRY_MS = 60_000;
/** Timers are inexact: a report that is due within this time is due now. */
const DUE_SLACK_MS = 500;

/** Counts that were sent, or restored after a failed report. */
interface Part {
  readonly counts: Counts;
  readonly sinceMs: number;
}

/** State and counters of this process for one rule. */
export interface RuleState {
  rule: SamplingRule;
  readonly reservoir: Reservoir;
  counts: Counts;
  /** Sent without a response yet: new counts, and counts of an earlier failed report. */
  pending: { readonly fresh: Part; readonly carried: Counts } | undefined;
  /** Counts of a failed report, sent again with the next one. */
  carried: Part | undefined;
  /** Requests that were not reported because reports failed for too long. */
  dropped: number;
  intervalMs: number;
  nextReportMs: number;
}

/** The counts of one rule in a report. */
export interface Report {
  readonly state: RuleState;
  readonly counts: Readonly<Counts>;
}

export const noCounts = (): Counts => ({
  requests: 0,
  sampled: 0,
  borrowed: 0,
  observed: 0,
  anomalies: 0,
  sampledAnomalies: 0,
});

/**
 * Returns the states for new rules. A rule with the name of an existing one keeps its state.
 *
 * Counts are kept, even if the rule was edited. The quota and the counters of this second are kept
 * unless the reservoir became 0. A new rate applies at once; otherwise the target's rate is kept.
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
    // Due at the first check: without a quota, every process of a fleet borrows.
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
    if (counts.requests === 0 && counts.observed === 0) continue;
    state.pending = { fresh: { counts: state.counts, sinceMs: nowMs }, carried };
    state.counts = noCounts();
    state.nextReportMs = nowMs + state.intervalMs;
    reports.push({ state, counts });
  }
  return reports;
}

/** Returns the counts of a failed report, or none if they are too old to be reported. */
function unexpiredCounts(state: RuleState, nowMs: number): Counts {
  const { carried } = state;
  if (carried === undefined) return noCounts();
  if (nowMs - carried.sinceMs <= MAX_CARRY_MS) return carried.counts;
  state.dropped += carried.counts.requests;
  return noCounts();
}

/** Clears the counts of a successful report. */
export function confirmReport(state: RuleState): void {
  state.pending = undefined;
}

/** Restores the new counts of a failed report; counts that failed before are dropped. */
export function restoreReport(state: RuleState): void {
  state.dropped += state.pending?.carried.requests ?? 0;
  state.carried = state.pending?.fresh;
  state.pending = undefined;
}

/**
 * Applies a target from X-Ray. Absent parts keep their current values.
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
 * Returns the milliseconds until the next check for due reports: the shortest interval of all rules,
 * or less if a quota ends earlier. Without a quota, every process of a fleet would borrow.
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
    observed: a.observed + b.observed,
    anomalies: a.anomalies + b.anomalies,
    sampledAnomalies: a.sampledAnomalies + b.sampledAnomalies,
  };
}
