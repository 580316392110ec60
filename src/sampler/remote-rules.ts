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
  return new FetchedRules(options);
}

class FetchedRules implements RemoteRules {
  readonly #options: RemoteRulesOptions;
  readonly #modifications = trackModifications();
  readonly #health: HealthLog;
  readonly #counts = { fetches: 0, reports: 0, faults: 0, skipped: 0 };
  #clientId: string | undefined;
  #serviceName = '';
  #states: readonly RuleState[] = [];
  #version = 0;
  #usableUntilMs = Number.NEGATIVE_INFINITY;
  #modifiedSeconds: number | undefined;
  #lastExtraRefreshMs = Number.NEGATIVE_INFINITY;

  constructor(options: RemoteRulesOptions) {
    this.#options = options;
    this.#health = healthLog(options.address);
  }

  get states(): readonly RuleState[] {
    return this.#states;
  }

  get version(): number {
    return this.#version;
  }

  get counts(): RemoteRuleCounts {
    const dropped = this.#states.reduce((all, state) => all + state.dropped, 0);
    return { ...this.#counts, dropped };
  }

  isUsable(): boolean {
    return this.#states.length > 0 && this.#options.clock.steadyMs() < this.#usableUntilMs;
  }

  async refreshRules(): Promise<Outcome> {
    const { clock } = this.#options;
    const startMs = clock.steadyMs();
    const wanted = this.#modifiedSeconds;
    try {
      const pages = await allPages((path, body, limitMs) => this.#post(path, body, limitMs));
      this.#counts.skipped = pages.skipped;
      if (pages.rules.length === 0) throw new Error('the response has no usable rule');
      this.#states = withRules(this.#states, pages.rules, clock.steadyMs());
      this.#version += 1;
      this.#counts.fetches += 1;
      this.#usableUntilMs = startMs + RULES_TTL_MS;
      this.#modifications.markHandled(pages.serverSeconds ?? pages.newestSeconds, wanted);
      this.#health.recovered('rules');
      return 'done';
    } catch (error) {
      this.#counts.faults += 1;
      return this.#health.failed('rules', 'GetSamplingRules', error);
    }
  }

  async reportAndTarget({
    everything = false,
    limitMs = REQUEST_LIMIT_MS,
  }: ReportOptions = {}): Promise<Outcome> {
    const reports = takeDue(this.#states, this.#options.clock.steadyMs(), everything);
    let outcome: Outcome = reports.length === 0 ? 'nothing due' : 'done';
    for (let at = 0; at < reports.length; at += MAX_DOCUMENTS) {
      try {
        if (await this.#report(reports.slice(at, at + MAX_DOCUMENTS), limitMs)) {
          outcome = 'refresh wanted';
        }
        this.#counts.reports += 1;
        this.#health.recovered('targets');
      } catch (error) {
        this.#counts.faults += 1;
        // Also restores reports that were not sent: they would fail for the same reason.
        for (const { state } of reports.slice(at)) restoreReport(state);
        return this.#health.failed('targets', 'GetSamplingTargets', error);
      }
    }
    return outcome;
  }

  setServiceName(name: string): void {
    this.#serviceName = name;
  }

  renewClientId(): void {
    this.#clientId = undefined;
  }

  async #post(path: string, body: string, limitMs: number): Promise<Reply> {
    const reply = await this.#options.post(path, body, limitMs);
    if (reply.status === 403) throw new AccessDenied();
    if (reply.status < 200 || reply.status > 299) throw new Error(`status ${reply.status}`);
    return reply;
  }

  /** @returns whether the rules should be fetched now */
  async #report(part: readonly Report[], limitMs: number): Promise<boolean> {
    const { clock, newClientId } = this.#options;
    this.#clientId ??= newClientId();
    const body = targetsBody(part, this.#clientId, clock.wallMs() / 1000, this.#serviceName);
    const reply = await this.#post('/SamplingTargets', body, limitMs);
    const targets = readTargets(reply.body);
    this.#applyTargets(targets, reply);
    const hasUnknownRule = confirmReports(part, targets);
    return this.#isRefreshWanted(targets.modifiedSeconds, hasUnknownRule);
  }

  #applyTargets({ targets }: TargetsReply, { time }: Reply): void {
    const nowMs = this.#options.clock.steadyMs();
    const byName = new Map(this.#states.map((state) => [state.rule.RuleName, state]));
    for (const target of targets) {
      const state = byName.get(target.ruleName);
      if (state === undefined) continue;
      const ends = {
        quotaMs: remainingMs(target.quotaEndSeconds, time, target.intervalMs),
        boostMs: remainingMs(target.boostEndSeconds, time, target.intervalMs),
      };
      applyTarget(state, target, ends, nowMs);
    }
  }

  #isRefreshWanted(modifiedSeconds: number | undefined, hasUnknownRule: boolean): boolean {
    const isModified = this.#modifications.isNewer(modifiedSeconds);
    if (isModified) this.#modifiedSeconds = modifiedSeconds;
    if (!isModified && !hasUnknownRule) return false;
    const nowMs = this.#options.clock.steadyMs();
    if (nowMs - this.#lastExtraRefreshMs < EXTRA_REFRESH_INTERVAL_MS) return false;
    this.#lastExtraRefreshMs = nowMs;
    return true;
  }
}

/**
 * Removes the counts that X-Ray has accepted, and keeps those that it could not process.
 *
 * @returns whether X-Ray does not know one of the rules
 */
function confirmReports(part: readonly Report[], { unprocessed }: TargetsReply): boolean {
  const failed = new Map(unprocessed.map(({ ruleName, code }) => [ruleName, code]));
  let hasUnknownRule = false;
  for (const { state } of part) {
    const code = failed.get(state.rule.RuleName);
    if (code?.startsWith('5')) restoreReport(state);
    else confirmReport(state);
    if (code?.startsWith('4')) hasUnknownRule = true;
  }
  return hasUnknownRule;
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
    if (tokens.has(token)) throw new Error('X-Ray returned the same page token twice');
    tokens.add(token);
  }
  throw new Error(`more than ${MAX_PAGES} pages`);
}

const MAX_RULE_LINES = 100;
const skippedRules = new Set<string>();

function logSkippedRule(problem: string): void {
  if (skippedRules.has(problem) || skippedRules.size >= MAX_RULE_LINES) return;
  skippedRules.add(problem);
  diag.debug(`otel-xray: sampling: skipped ${problem}`);
}

interface HealthLog {
  recovered(kind: string): void;
  failed(kind: string, call: string, error: unknown): Outcome;
}

/** Logs each distinct fault once until it has ended, and its end once. */
function healthLog(address: string): HealthLog {
  const faults: Record<string, string | undefined> = {};
  return {
    recovered(kind) {
      const fault = faults[kind];
      if (fault === undefined) return;
      faults[kind] = undefined;
      resetOnce(fault);
      const key = `sampling ${kind} are back ${address}`;
      resetOnce(key);
      infoOnce(`sampling ${kind} are available from ${address} again`, key);
    },
    failed(kind, call, error) {
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
  if (error instanceof SyntaxError) return 'the response is not JSON in the format of X-Ray';
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  return code === undefined ? error.message : code;
}
