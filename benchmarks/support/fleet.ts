import { nextTargetsMs } from '../../src/sampler/poller.ts';
import { decide } from '../../src/sampler/reservoir.ts';
import { MATCH_ALL, type SamplingRule } from '../../src/sampler/rule.ts';
import { remainingMs } from '../../src/sampler/server-time.ts';
import {
  applyTarget,
  confirmReport,
  nextCheckDelayMs,
  type RuleState,
  restoreReport,
  takeDue,
  withRules,
} from '../../src/sampler/state.ts';

/**
 * Simulates a fleet of processes, each with the state machine of the sampler, and a control plane that
 * grants quotas. Time advances in steps; no sockets, no waiting; equal seeds give equal results.
 */
export interface FleetOptions {
  readonly processes: number;
  /** Mean requests per second of a process at a given time. */
  readonly load: (seconds: number) => number;
  readonly reservoir: number;
  readonly rate: number;
  /** Mean lifetime of a process in seconds; a new one replaces it. Default: unlimited. */
  readonly lifeSeconds?: number;
  /** Time when the control plane does not respond. */
  readonly isOut?: (seconds: number) => boolean;
  /** Lifetime of a quota in seconds after the response. Default 15. */
  readonly quotaSeconds?: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  readonly seed?: number;
}

export interface FleetResult {
  /** Per second, during the measurement. */
  readonly requests: number;
  readonly sampled: number;
  /** Rate of one process with all traffic: the reservoir, then the fixed rate. */
  readonly wanted: number;
  /** `sampled` relative to `wanted`; 0.01 is one percent too many. */
  readonly error: number;
  /** Share of the requests of running processes that have been or will be reported. */
  readonly reported: number;
}

const STEP_MS = 50;
const INTERVAL_MS = 10_000;
const EPOCH_SECONDS = 1_763_600_000;

interface Process {
  state: RuleState;
  nextLookMs: number;
  reportedMs: number;
  failures: number;
  made: number;
  reported: number;
}

/**
 * Model of X-Ray, as far as documented: the reservoir is divided among the processes by the requests they
 * report, in whole requests per second, and a quota lasts slightly longer than a report interval. The
 * remainder of the division goes to the next process that reports.
 */
function controlPlane(reservoir: number) {
  const rates = new Map<Process, number>();
  let total = 0;
  let carry = 0;
  return {
    report(client: Process, requests: number, seconds: number): number {
      const perSecond = requests / seconds;
      total += perSecond - (rates.get(client) ?? 0);
      rates.set(client, perSecond);
      const share = (reservoir * perSecond) / total + carry;
      const quota = Math.floor(share);
      carry = share - quota;
      return quota;
    },
    /** Removes a client that has ended. */
    forget(client: Process): void {
      total -= rates.get(client) ?? 0;
      rates.delete(client);
    },
  };
}

export function simulateFleet(options: FleetOptions): FleetResult {
  const { processes, load, reservoir, rate, warmSeconds, seconds } = options;
  const random = generator(options.seed ?? 1);
  const plane = controlPlane(reservoir);
  const rule: SamplingRule = {
    RuleName: 'Default',
    Priority: 10_000,
    ReservoirSize: reservoir,
    FixedRate: rate,
    ...MATCH_ALL,
  };
  let nowMs = 0;
  const clock = { steadyMs: () => nowMs };
  const born = (): Process => ({
    state: withRules([], [rule], nowMs)[0] as RuleState,
    nextLookMs: nowMs + 1_000 * (1 + random()),
    reportedMs: nowMs,
    failures: 0,
    made: 0,
    reported: 0,
  });
  const fleet = Array.from({ length: processes }, born);
  // The reports of a long-running fleet are spread over the interval.
  for (const client of fleet) client.nextLookMs = nowMs + random() * INTERVAL_MS;

  const look = (client: Process): void => {
    const { state } = client;
    const [report] = takeDue([state], nowMs);
    const isOut = options.isOut?.(nowMs / 1000) === true;
    if (report !== undefined && isOut) {
      restoreReport(state);
      client.failures += 1;
    } else if (report !== undefined) {
      client.failures = 0;
      client.reported += report.counts.requests;
      confirmReport(state);
      const quota = plane.report(
        client,
        report.counts.requests,
        (nowMs - client.reportedMs) / 1000,
      );
      client.reportedMs = nowMs;
      const localSeconds = EPOCH_SECONDS + nowMs / 1000;
      const quotaEndSeconds = localSeconds + (options.quotaSeconds ?? 15);
      const target = {
        ruleName: 'Default',
        fixedRate: rate,
        quota,
        quotaEndSeconds,
        boostRate: undefined,
        boostEndSeconds: undefined,
        intervalMs: INTERVAL_MS,
      };
      const quotaMs = remainingMs(
        quotaEndSeconds,
        { serverSeconds: localSeconds, localSeconds },
        INTERVAL_MS,
      );
      applyTarget(state, target, { quotaMs, boostMs: undefined }, nowMs);
    }
    const outcome = report !== undefined && isOut ? 'failed' : 'done';
    client.nextLookMs =
      nowMs + nextTargetsMs(outcome, client.failures, nextCheckDelayMs([state], nowMs), random);
  };

  let requests = 0;
  let sampled = 0;
  let wanted = 0;
  let thisSecond = 0;
  for (; nowMs < (warmSeconds + seconds) * 1000; nowMs += STEP_MS) {
    const isMeasured = nowMs >= warmSeconds * 1000;
    const second = EPOCH_SECONDS + Math.floor(nowMs / 1000);
    const mean = (load(nowMs / 1000) * STEP_MS) / 1000;
    const death = options.lifeSeconds === undefined ? 0 : STEP_MS / 1000 / options.lifeSeconds;
    for (let i = 0; i < fleet.length; i += 1) {
      let client = fleet[i] as Process;
      if (death > 0 && random() < death) {
        plane.forget(client);
        client = born();
        fleet[i] = client;
      }
      if (nowMs >= client.nextLookMs) look(client);
      for (let arrivals = poisson(mean, random); arrivals > 0; arrivals -= 1) {
        const { reservoir, counts } = client.state;
        const isSampled = decide(reservoir, counts, traceId(random), second, clock);
        client.made += 1;
        if (!isMeasured) continue;
        requests += 1;
        thisSecond += 1;
        sampled += Number(isSampled);
      }
    }
    if (isMeasured && (nowMs + STEP_MS) % 1000 === 0) {
      wanted += Math.min(thisSecond, reservoir) + rate * Math.max(0, thisSecond - reservoir);
      thisSecond = 0;
    }
  }
  const sum = (pick: (client: Process) => number) => fleet.reduce((all, c) => all + pick(c), 0);
  const kept = ({ state }: Process) =>
    state.counts.requests + (state.carried?.counts.requests ?? 0);
  return {
    requests: requests / seconds,
    sampled: sampled / seconds,
    wanted: wanted / seconds,
    error: sampled / wanted - 1,
    reported: sum(({ reported }) => reported) / sum((client) => client.made - kept(client)),
  };
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** Only the last eight digits of an id matter; the rest need not be random here. */
function traceId(random: () => number): string {
  const low = Math.floor(random() * 0x1_0000_0000);
  return `5759e988bd862e3fe1be46a9${low.toString(16).padStart(8, '0')}`;
}

/** Mulberry32, a small reproducible random generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
