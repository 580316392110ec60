import type { Outcome, RemoteRules } from './remote-rules.ts';
import type { Clock } from './reservoir.ts';
import { nextCheckDelayMs } from './state.ts';
import { DEFAULT_INTERVAL_MS } from './target.ts';

/** Schedules a function and returns a function that cancels it. Must not keep the process alive. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

export interface PollerOptions {
  readonly remote: RemoteRules;
  readonly schedule: Schedule;
  readonly clock: Pick<Clock, 'steadyMs'>;
  /** 0 to 1. */
  readonly random: () => number;
  /** Interval between two fetches of the rules. */
  readonly pollingIntervalMs: number;
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
const RULES_AFTER_FAILURE_MS = 60_000;
const MAX_RULES_AFTER_FAILURE_MS = 300_000;
const MAX_TARGETS_AFTER_FAILURE_MS = 60_000;
const RULES_JITTER_MS = 5_000;
const TARGETS_JITTER_MS = 100;
/** Interval of checks until the first report; borrowing ends only when a quota arrives. */
const EARLY_CHECK_MS = 1_000;
/** Number of these checks; a process without requests then checks at the normal interval. */
const MAX_EARLY_CHECKS = 60;

/** Returns the delay before the next fetch of the rules, given the outcome of the last one. */
function nextRulesMs(
  outcome: Outcome,
  failures: number,
  hasRules: boolean,
  pollingIntervalMs: number,
  random: () => number,
): number {
  const failed = outcome !== 'done';
  if (failed && !hasRules) {
    const retry = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    return retry * (0.8 + 0.4 * random());
  }
  if (outcome === 'failed') {
    return Math.min(MAX_RULES_AFTER_FAILURE_MS, RULES_AFTER_FAILURE_MS * 2 ** (failures - 1));
  }
  return pollingIntervalMs + RULES_JITTER_MS * random();
}

/** Returns the delay before the next check for reports that are due. */
export function nextTargetsMs(
  outcome: Outcome,
  failures: number,
  intervalMs: number,
  random: () => number,
): number {
  const pause =
    outcome === 'failed'
      ? Math.max(intervalMs, Math.min(MAX_TARGETS_AFTER_FAILURE_MS, intervalMs * 2 ** failures))
      : intervalMs;
  return pause + TARGETS_JITTER_MS * random();
}

/**
 * Keeps the remote rules current: fetches the rules at once and then every few minutes, and the
 * targets one or two seconds after the first request and then every ten seconds. Each of the two
 * waits for its response before it is scheduled again.
 *
 * @returns stops the poller
 */
export function startPoller(options: PollerOptions): () => void {
  const { remote, schedule, clock, random, pollingIntervalMs } = options;
  let stopped = false;
  let cancelRules: () => void = () => {};
  let cancelTargets: () => void = () => {};
  let ruleFailures = 0;
  let targetFailures = 0;
  let refreshing = false;
  let hadRules = remote.states.length > 0;
  let earlyChecks = MAX_EARLY_CHECKS;

  const refresh = async (): Promise<void> => {
    if (refreshing || stopped) return;
    refreshing = true;
    cancelRules();
    const outcome = await remote.refreshRules();
    refreshing = false;
    if (stopped) return;
    ruleFailures = outcome === 'done' ? 0 : ruleFailures + 1;
    const hasRules = remote.states.length > 0;
    if (hasRules && !hadRules) {
      hadRules = true;
      scheduleTargets('nothing due');
    }
    const delayMs = nextRulesMs(outcome, ruleFailures, hasRules, pollingIntervalMs, random);
    cancelRules = schedule(refresh, delayMs);
  };
  const reportTargets = async (): Promise<void> => {
    const outcome = await remote.reportAndTarget();
    if (stopped) return;
    targetFailures = outcome === 'failed' ? targetFailures + 1 : 0;
    if (outcome === 'refresh wanted') void refresh();
    scheduleTargets(outcome);
  };
  const scheduleTargets = (outcome: Outcome): void => {
    cancelTargets();
    if (outcome !== 'nothing due') earlyChecks = 0;
    if (hadRules && earlyChecks > 0) {
      earlyChecks -= 1;
      cancelTargets = schedule(reportTargets, EARLY_CHECK_MS * (1 + random()));
      return;
    }
    const intervalMs = nextCheckDelayMs(remote.states, clock.steadyMs());
    cancelTargets = schedule(
      reportTargets,
      nextTargetsMs(outcome, targetFailures, intervalMs, random),
    );
  };

  cancelRules = schedule(refresh, 0);
  cancelTargets = schedule(reportTargets, DEFAULT_INTERVAL_MS);
  return () => {
    stopped = true;
    cancelRules();
    cancelTargets();
  };
}
