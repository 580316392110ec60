import { diag } from '@opentelemetry/api';
import { infoOnce, resetOnce, warnOnce } from '../diagnostics.ts';
import type { Post, Reply } from './client.ts';
import {
  MAX_DOCUMENTS,
  readRulesPage,
  readTargets,
  rulesBody,
  type TargetsReply,
  targetsBody,
} from './protocol.ts';
import type { Clock } from './reservoir.ts';
import type { SamplingRule } from './rule.ts';
import { remainingMs, trackModifications } from './server-time.ts';
import {
  applyTarget,
  confirmReport,
  type Report,
  type RuleState,
  restoreReport,
  takeDue,
  withRules,
} from './state.ts';

const REQUEST_LIMIT_MS = 5_000;
const MAX_PAGES = 20;
const RULES_TTL_MS = 3_600_000;
const EXTRA_REFRESH_INTERVAL_MS = 10_000;

/** The rules and targets from X-Ray, and the two calls that keep them current. */
export interface RemoteRules {
  /** In order of evaluation; empty before the first response. */
  readonly states: readonly RuleState[];
  /** Increases with each new set of rules. */
  readonly version: number;
  readonly counts: RemoteRuleCounts;
  /** Whether the rules may be used: they were fetched within the last hour. */
  isUsable(): boolean;
  /** Fetches all pages of the rules. Never rejects. */
  refreshRules(): Promise<Outcome>;
  /** Reports due statistics, or all, and applies the targets in the response. Never rejects. */
  reportAndTarget(options?: ReportOptions): Promise<Outcome>;
  /** Sets the name of this service in the reports of anomalies. */
  setServiceName(name: string): void;
  /** Uses a new client id from the next report on, as a process restored from a snapshot must. */
  renewClientId(): void;
}

/** Counters since the start, for diagnostics. */
export interface RemoteRuleCounts {
  /** Complete fetches of the rules. */
  readonly fetches: number;
  /** Reports that X-Ray accepted. */
  readonly reports: number;
  /** Calls without a valid response. */
  readonly faults: number;
  /** Rules of the last response that were skipped: unnamed, of another version, or malformed. */
  readonly skipped: number;
  /** Requests that could not be reported. */
  readonly dropped: number;
}

export interface ReportOptions {
  readonly everything?: boolean;
  readonly limitMs?: number;
}

/** `refused`: X-Ray responded with 403; retrying does not help. */
export type Outcome = 'done' | 'nothing due' | 'failed' | 'refused' | 'refresh wanted';

export interface RemoteRulesOptions {
  readonly post: Post;
  readonly clock: Clock;
  /** Creates a client id of 24 hex characters; called at the first report. */
  readonly newClientId: () => string;
  /** For messages, e.g. `127.0.0.1:2000`. */
  readonly address: string;
}

export function remoteRules(options: RemoteRulesOptions): RemoteRules {
  const { post, clock, address } = options;
  const modifications = trackModifications();
  const health = healthLog(address);
  let clientId: string | undefined;
  let serviceName = '';
  let states: readonly RuleState[] = [];
  let version = 0;
  let usableUntilMs = Number.NEGATIVE_INFINITY;
  let modifiedSeconds: number | undefined;
  let lastExtraRefreshMs = Number.NEGATIVE_INFINITY;
  const counts = { fetches: 0, reports: 0, faults: 0, skipped: 0 };

  const postOrThrow = async (path: string, body: string, limitMs: number): Promise<Reply> => {
    const reply = await post(path, body, limitMs);
    if (reply.status === 403) throw new AccessDenied();
    if (reply.status < 200 || reply.status > 299) throw new Error(`status ${reply.status}`);
    return reply;
  };

  return {
    get states() {
      return states;
    },
    get version() {
      return version;
    },
    get counts() {
      return { ...counts, dropped: states.reduce((all, { dropped }) => all + dropped, 0) };
    },
    isUsable: () => states.length > 0 && clock.steadyMs() < usableUntilMs,

    async refreshRules() {
      const startMs = clock.steadyMs();
      const wanted = modifiedSeconds;
      try {
        const { rules, skipped, serverSeconds, newestSeconds } = await allPages(postOrThrow);
        counts.skipped = skipped;
        if (rules.length === 0) throw new Error('the response has no usable rule');
        states = withRules(states, rules, clock.steadyMs());
        version += 1;
        counts.fetches += 1;
        usableUntilMs = startMs + RULES_TTL_MS;
        modifications.markHandled(serverSeconds ?? newestSeconds, wanted);
        health.recovered('rules');
        return 'done';
      } catch (error) {
        counts.faults += 1;
        return health.failed('rules', 'GetSamplingRules', error);
      }
    },

    async reportAndTarget({ everything = false, limitMs = REQUEST_LIMIT_MS } = {}) {
      const reports = takeDue(states, clock.steadyMs(), everything);
      let outcome: Outcome = reports.length === 0 ? 'nothing due' : 'done';
      for (let at = 0; at < reports.length; at += MAX_DOCUMENTS) {
        const part = reports.slice(at, at + MAX_DOCUMENTS);
        try {
          clientId ??= options.newClientId();
          const body = targetsBody(part, clientId, clock.wallMs() / 1000, serviceName);
          const reply = await postOrThrow('/SamplingTargets', body, limitMs);
          if (applyReply(readTargets(reply.body), reply, part)) outcome = 'refresh wanted';
          counts.reports += 1;
          health.recovered('targets');
        } catch (error) {
          counts.faults += 1;
          // Also restores reports that were not sent: they would fail for the same reason.
          for (const { state } of reports.slice(at)) restoreReport(state);
          return health.failed('targets', 'GetSamplingTargets', error);
        }
      }
      return outcome;
    },

    setServiceName(name) {
      serviceName = name;
    },

    renewClientId() {
      clientId = undefined;
    },
  };

  /** @returns whether the rules should be fetched now */
  function applyReply(reply: TargetsReply, { time }: Reply, part: readonly Report[]): boolean {
    const nowMs = clock.steadyMs();
    const byName = new Map(states.map((state) => [state.rule.RuleName, state]));
    for (const target of reply.targets) {
      const state = byName.get(target.ruleName);
      if (state === undefined) continue;
      const ends = {
        quotaMs: remainingMs(target.quotaEndSeconds, time, target.intervalMs),
        boostMs: remainingMs(target.boostEndSeconds, time, target.intervalMs),
      };
      applyTarget(state, target, ends, nowMs);
    }
    const failed = new Map(reply.unprocessed.map(({ ruleName, code }) => [ruleName, code]));
    let unknownRule = false;
    for (const { state } of part) {
      const code = failed.get(state.rule.RuleName);
      if (code?.startsWith('5')) restoreReport(state);
      else confirmReport(state);
      if (code?.startsWith('4')) unknownRule = true;
    }
    const isModified = modifications.isNewer(reply.modifiedSeconds);
    if (isModified) modifiedSeconds = reply.modifiedSeconds;
    if (!(isModified || unknownRule) || nowMs - lastExtraRefreshMs < EXTRA_REFRESH_INTERVAL_MS)
      return false;
    lastExtraRefreshMs = nowMs;
    return true;
  }
}

class AccessDenied extends Error {}

interface AllPages {
  readonly rules: readonly SamplingRule[];
  readonly skipped: number;
  /** By the first page's `Date`. */
  readonly serverSeconds: number | undefined;
  readonly newestSeconds: number;
}

/** @throws if any page fails: with half of the rules, requests would match the wrong one */
async function allPages(
  answered: (path: string, body: string, limitMs: number) => Promise<Reply>,
): Promise<AllPages> {
  const rules: SamplingRule[] = [];
  const tokens = new Set<string>();
  let serverSeconds: number | undefined;
  let newestSeconds = 0;
  let skipped = 0;
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await answered('/GetSamplingRules', rulesBody(token), REQUEST_LIMIT_MS);
    const read = readRulesPage(reply.body);
    for (const problem of read.problems) logSkippedRule(problem);
    skipped += read.problems.length;
    rules.push(...read.rules);
    if (page === 0) serverSeconds = reply.time.serverSeconds;
    newestSeconds = Math.max(newestSeconds, read.modifiedSeconds);
    token = read.nextToken;
    if (token === undefined) return { rules, skipped, serverSeconds, newestSeconds };
    if (tokens.has(token)) throw new Error('the same page token came twice');
    tokens.add(token);
  }
  throw new Error(`more than ${MAX_PAGES} pages`);
}

const MAX_RULE_LINES = 100;
const skippedRules = new Set<string>();

function logSkippedRule(problem: string): void {
  if (skippedRules.has(problem) || skippedRules.size >= MAX_RULE_LINES) return;
  skippedRules.add(problem);
  diag.debug(`otel-xray: sampling: left out ${problem}`);
}

/** Logs each distinct fault once until it has ended, and its end once. */
function healthLog(address: string) {
  const faults: Record<string, string | undefined> = {};
  return {
    recovered(kind: string): void {
      const fault = faults[kind];
      if (fault === undefined) return;
      faults[kind] = undefined;
      resetOnce(fault);
      const key = `sampling ${kind} are back ${address}`;
      resetOnce(key);
      infoOnce(`sampling ${kind} come from ${address} again`, key);
    },
    failed(kind: string, call: string, error: unknown): Outcome {
      const refused = error instanceof AccessDenied;
      const cause = refused
        ? 'X-Ray answered 403: the daemon needs credentials that allow xray:GetSamplingRules and xray:GetSamplingTargets'
        : causeText(error);
      const key = `sampling ${kind} ${address} ${cause}`;
      const before = faults[kind];
      if (before === key) diag.debug(`otel-xray: ${call} again: ${cause}`);
      else {
        if (before !== undefined) resetOnce(before);
        faults[kind] = key;
        warnOnce(
          `${call} at ${address}: ${cause}; sampling continues with the last known rules`,
          key,
        );
      }
      return refused ? 'refused' : 'failed';
    },
  };
}

function causeText(error: unknown): string {
  if (error instanceof SyntaxError) return 'a reply that is not the JSON of X-Ray';
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  return code === undefined ? error.message : code;
}
