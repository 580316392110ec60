import { diag } from '@opentelemetry/api';
import { infoOnce, sayAgain, warnOnce } from '../diagnostics.ts';
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
import { trackModifications, usableMs } from './server-time.ts';
import {
  acknowledge,
  applyTarget,
  type Report,
  type RuleState,
  restore,
  takeDue,
  withRules,
} from './state.ts';

const REQUEST_LIMIT_MS = 5_000;
const MAX_PAGES = 20;
const RULES_LIFE_MS = 3_600_000;
const OUT_OF_BAND_EVERY_MS = 10_000;

/** What the sampler knows from X-Ray, and the two conversations that keep it so. */
export interface CentralRules {
  /** In their order; empty before the first answer. */
  readonly states: readonly RuleState[];
  /** Grows with each new set of rules. */
  readonly version: number;
  readonly counts: CentralCounts;
  /** Whether the rules may be used: some arrived, not longer ago than an hour. */
  isUsable(): boolean;
  /** Fetches all pages of the rules. Never rejects. */
  refreshRules(): Promise<Outcome>;
  /** Reports what is due, or everything, and takes what X-Ray assigns. Never rejects. */
  reportAndTarget(options?: ReportOptions): Promise<Outcome>;
  /** Takes a new identity at the next report, as a process restored from a snapshot needs. */
  renewClientId(): void;
}

/** What went on since the start, for diagnostics. */
export interface CentralCounts {
  /** Complete reads of the rules. */
  readonly fetches: number;
  /** Reports that X-Ray took. */
  readonly reports: number;
  /** Calls without a usable answer. */
  readonly faults: number;
  /** Rules of the last read that were left out: without a name, of another version, malformed. */
  readonly leftOut: number;
  /** Requests X-Ray will never be told of. */
  readonly dropped: number;
}

export interface ReportOptions {
  readonly everything?: boolean;
  readonly limitMs?: number;
}

/** `refused`: X-Ray answered 403; asking more often or less often will not help. */
export type Outcome = 'done' | 'nothing due' | 'failed' | 'refused' | 'refresh wanted';

export interface CentralRulesOptions {
  readonly post: Post;
  readonly clock: Clock;
  /** Makes an identity of 24 hex characters; asked at the first report. */
  readonly newClientId: () => string;
  /** For messages, e.g. `127.0.0.1:2000`. */
  readonly address: string;
}

export function centralRules(options: CentralRulesOptions): CentralRules {
  const { post, clock, address } = options;
  const modifications = trackModifications();
  const say = conditions(address);
  let clientId: string | undefined;
  let states: readonly RuleState[] = [];
  let version = 0;
  let usableUntilMs = Number.NEGATIVE_INFINITY;
  let modifiedSeconds: number | undefined;
  let outOfBandMs = Number.NEGATIVE_INFINITY;
  const counts = { fetches: 0, reports: 0, faults: 0, leftOut: 0 };

  const answered = async (path: string, body: string, limitMs: number): Promise<Reply> => {
    const reply = await post(path, body, limitMs);
    if (reply.status === 403) throw new Refused();
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
        const { rules, leftOut, serverSeconds, newestSeconds } = await allPages(answered);
        counts.leftOut = leftOut;
        if (rules.length === 0) throw new Error('a reply without a usable rule');
        states = withRules(states, rules, clock.steadyMs());
        version += 1;
        counts.fetches += 1;
        usableUntilMs = startMs + RULES_LIFE_MS;
        modifications.fetched(serverSeconds ?? newestSeconds, wanted);
        say.good('rules');
        return 'done';
      } catch (error) {
        counts.faults += 1;
        return say.bad('rules', 'GetSamplingRules', error);
      }
    },

    async reportAndTarget({ everything = false, limitMs = REQUEST_LIMIT_MS } = {}) {
      const reports = takeDue(states, clock.steadyMs(), everything);
      let outcome: Outcome = reports.length === 0 ? 'nothing due' : 'done';
      for (let at = 0; at < reports.length; at += MAX_DOCUMENTS) {
        const part = reports.slice(at, at + MAX_DOCUMENTS);
        try {
          clientId ??= options.newClientId();
          const body = targetsBody(part, clientId, clock.wallMs() / 1000);
          const reply = await answered('/SamplingTargets', body, limitMs);
          if (take(readTargets(reply.body), reply, part)) outcome = 'refresh wanted';
          counts.reports += 1;
          say.good('targets');
        } catch (error) {
          counts.faults += 1;
          // What has not been sent comes back too: a second try now would meet the same fault.
          for (const { state } of reports.slice(at)) restore(state);
          return say.bad('targets', 'GetSamplingTargets', error);
        }
      }
      return outcome;
    },

    renewClientId() {
      clientId = undefined;
    },
  };

  /** @returns whether the rules should be fetched now */
  function take(reply: TargetsReply, { time }: Reply, part: readonly Report[]): boolean {
    const nowMs = clock.steadyMs();
    const byName = new Map(states.map((state) => [state.rule.RuleName, state]));
    for (const target of reply.targets) {
      const state = byName.get(target.ruleName);
      if (state === undefined) continue;
      const ends = {
        quotaMs: usableMs(target.quotaEndSeconds, time, target.intervalMs),
        boostMs: usableMs(target.boostEndSeconds, time, target.intervalMs),
      };
      applyTarget(state, target, ends, nowMs);
    }
    const failed = new Map(reply.unprocessed.map(({ ruleName, code }) => [ruleName, code]));
    let unknownRule = false;
    for (const { state } of part) {
      const code = failed.get(state.rule.RuleName);
      if (code?.startsWith('5')) restore(state);
      else acknowledge(state);
      if (code?.startsWith('4')) unknownRule = true;
    }
    const news = modifications.isNews(reply.modifiedSeconds);
    if (news) modifiedSeconds = reply.modifiedSeconds;
    if (!(news || unknownRule) || nowMs - outOfBandMs < OUT_OF_BAND_EVERY_MS) return false;
    outOfBandMs = nowMs;
    return true;
  }
}

class Refused extends Error {}

interface AllPages {
  readonly rules: readonly SamplingRule[];
  readonly leftOut: number;
  /** By the first page's `Date`. */
  readonly serverSeconds: number | undefined;
  readonly newestSeconds: number;
}

/** @throws when any page fails: half a list would let requests fall to the wrong rule */
async function allPages(
  answered: (path: string, body: string, limitMs: number) => Promise<Reply>,
): Promise<AllPages> {
  const rules: SamplingRule[] = [];
  const tokens = new Set<string>();
  let serverSeconds: number | undefined;
  let newestSeconds = 0;
  let leftOut = 0;
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await answered('/GetSamplingRules', rulesBody(token), REQUEST_LIMIT_MS);
    const read = readRulesPage(reply.body);
    for (const problem of read.problems) sayOfRule(problem);
    leftOut += read.problems.length;
    rules.push(...read.rules);
    if (page === 0) serverSeconds = reply.time.serverSeconds;
    newestSeconds = Math.max(newestSeconds, read.modifiedSeconds);
    token = read.nextToken;
    if (token === undefined) return { rules, leftOut, serverSeconds, newestSeconds };
    if (tokens.has(token)) throw new Error('a page token that came twice');
    tokens.add(token);
  }
  throw new Error(`more than ${MAX_PAGES} pages`);
}

const MAX_RULE_LINES = 100;
const saidOfRules = new Set<string>();

function sayOfRule(problem: string): void {
  if (saidOfRules.has(problem) || saidOfRules.size >= MAX_RULE_LINES) return;
  saidOfRules.add(problem);
  diag.debug(`otel-xray: sampling: left out ${problem}`);
}

/** Says each distinct fault once until it has ended, and its end once. */
function conditions(address: string) {
  const faults: Record<string, string | undefined> = {};
  return {
    good(kind: string): void {
      const fault = faults[kind];
      if (fault === undefined) return;
      faults[kind] = undefined;
      sayAgain(fault);
      const key = `sampling ${kind} are back ${address}`;
      sayAgain(key);
      infoOnce(`sampling ${kind} come from ${address} again`, key);
    },
    bad(kind: string, call: string, error: unknown): Outcome {
      const refused = error instanceof Refused;
      const cause = refused
        ? 'X-Ray answered 403: the daemon needs credentials that allow xray:GetSamplingRules and xray:GetSamplingTargets'
        : causeText(error);
      const key = `sampling ${kind} ${address} ${cause}`;
      const before = faults[kind];
      if (before === key) diag.debug(`otel-xray: ${call} again: ${cause}`);
      else {
        if (before !== undefined) sayAgain(before);
        faults[kind] = key;
        warnOnce(`${call} at ${address}: ${cause}; sampling goes on with what is known`, key);
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
