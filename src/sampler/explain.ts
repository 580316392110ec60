import { URL } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import { candidatesFor, conditionsOf } from './match.ts';
import { type Clock, rateNow } from './reservoir.ts';
import type { ServiceInput } from './rule-input.ts';
import type { RuleState } from './state.ts';

/** A request to explain. Values not in the method and URL can be given as span attributes. */
export interface ExplainRequest {
  readonly method?: string | undefined;
  /** An absolute URL, or a path. */
  readonly url?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface FieldVerdict {
  readonly field: string;
  readonly pattern: string;
  /** The values of the request for this field. One match is sufficient. */
  readonly candidates: readonly string[];
  readonly matches: boolean;
}

export interface RuleVerdict {
  readonly name: string;
  readonly priority: number;
  /** The fields that restrict the rule. A rule without any matches every request. */
  readonly fields: readonly FieldVerdict[];
  readonly matches: boolean;
}

/** The state of the matching rule, which determines the next decision. */
export interface StateVerdict {
  readonly reservoirSize: number;
  /** This process's share in requests per second; `undefined` while it borrows one per second. */
  readonly quota: number | undefined;
  readonly quotaSecondsLeft: number | undefined;
  readonly takenThisSecond: number;
  readonly borrowedThisSecond: number;
  /** The effective probability after the reservoir is used up, 0 to 1. */
  readonly rate: number;
  readonly isBoosted: boolean;
  /** Not reported yet. */
  readonly requests: number;
  readonly sampled: number;
}

export interface Explanation {
  /** The source of the rules. */
  readonly source: RuleSource;
  /** In order of evaluation. */
  readonly rules: readonly RuleVerdict[];
  /** The rule that matches the request; `undefined` if it is never sampled. */
  readonly rule: string | undefined;
  readonly state: StateVerdict | undefined;
  /** Why the request is never sampled. */
  readonly ignored: string | undefined;
}

export type RuleSource = 'X-Ray' | 'local rules' | 'built in';

/** Returns the start attributes of the HTTP instrumentation's server span for a request. */
export function requestAttributes({ method, url, attributes }: ExplainRequest): Attributes {
  const absolute = url === undefined ? undefined : parsed(url);
  const path = absolute === undefined ? url?.split(/[?#]/, 1)[0] : absolute.pathname;
  return {
    ...(method === undefined ? {} : { 'http.request.method': method.toUpperCase() }),
    ...(path === undefined ? {} : { 'url.path': path === '' ? '/' : path }),
    ...(absolute === undefined
      ? {}
      : {
          'url.scheme': absolute.protocol.replace(':', ''),
          'server.address': absolute.hostname,
          ...(absolute.port === '' ? {} : { 'server.port': Number(absolute.port) }),
        }),
    ...attributes,
  };
}

function parsed(url: string): URL | undefined {
  return url.includes('://') && URL.canParse(url) ? new URL(url) : undefined;
}

/** Evaluates all rules for one request, without counting it. */
export function explainRules(
  states: readonly RuleState[],
  attributes: Attributes,
  service: ServiceInput,
  clock: Clock,
): Pick<Explanation, 'rules' | 'rule' | 'state'> {
  const rules = states.map(({ rule }): RuleVerdict => {
    const fields = conditionsOf(rule).map((condition): FieldVerdict => {
      const candidates = candidatesFor(condition, attributes, service);
      const { field, pattern, matches } = condition;
      return { field, pattern, candidates, matches: candidates.some(matches) };
    });
    const { RuleName: name, Priority: priority } = rule;
    return { name, priority, fields, matches: fields.every(({ matches }) => matches) };
  });
  const match = states[rules.findIndex(({ matches }) => matches)];
  return {
    rules,
    rule: match?.rule.RuleName,
    state: match === undefined ? undefined : stateVerdict(match, clock),
  };
}

function stateVerdict({ reservoir, counts }: RuleState, clock: Clock): StateVerdict {
  const leftMs = reservoir.quotaEndMs - clock.steadyMs();
  const hasQuota = reservoir.quota !== undefined && leftMs > 0;
  const isThisSecond = reservoir.second === Math.floor(clock.wallMs() / 1000);
  const rate = rateNow(reservoir, clock);
  return {
    reservoirSize: reservoir.reservoirSize,
    quota: hasQuota ? reservoir.quota : undefined,
    quotaSecondsLeft: hasQuota && Number.isFinite(leftMs) ? leftMs / 1000 : undefined,
    takenThisSecond: isThisSecond ? reservoir.taken : 0,
    borrowedThisSecond: isThisSecond ? reservoir.borrowed : 0,
    rate,
    isBoosted: rate !== reservoir.rate,
    requests: counts.requests,
    sampled: counts.sampled,
  };
}
