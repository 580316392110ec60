import type { Attributes } from '@opentelemetry/api';
import { candidatesFor, conditionsOf } from './match.ts';
import { type Clock, rateNow } from './reservoir.ts';
import type { ServiceInput } from './rule-input.ts';
import type { RuleState } from './state.ts';

/** A request to explain; what the method and the URL do not say can be given as span attributes. */
export interface ExplainRequest {
  readonly method?: string | undefined;
  /** Absolute, or a path alone. */
  readonly url?: string | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface FieldVerdict {
  readonly field: string;
  readonly pattern: string;
  /** What the request has for this field; one that fits is enough. */
  readonly candidates: readonly string[];
  readonly matches: boolean;
}

export interface RuleVerdict {
  readonly name: string;
  readonly priority: number;
  /** Only the fields that ask for something; a rule without any takes every request. */
  readonly fields: readonly FieldVerdict[];
  readonly matches: boolean;
}

/** What the rule that takes the request would do with the next one. */
export interface StateVerdict {
  readonly reservoirSize: number;
  /** This process's share in requests per second; `undefined` while it borrows one per second. */
  readonly quota: number | undefined;
  readonly quotaSecondsLeft: number | undefined;
  readonly takenThisSecond: number;
  readonly borrowedThisSecond: number;
  /** The probability in force after the reservoir, 0 to 1. */
  readonly rate: number;
  readonly isBoosted: boolean;
  /** Not reported yet. */
  readonly requests: number;
  readonly sampled: number;
}

export interface Explanation {
  /** Where the rules come from. */
  readonly source: RuleSource;
  /** In the order in which they are tried. */
  readonly rules: readonly RuleVerdict[];
  /** The rule that takes the request; `undefined` when it is never sampled. */
  readonly rule: string | undefined;
  readonly state: StateVerdict | undefined;
  /** Why the request is never sampled. */
  readonly ignored: string | undefined;
}

export type RuleSource = 'X-Ray' | 'local rules' | 'built in';

/** The start attributes that today's HTTP instrumentation gives a server span for such a request. */
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

/** Goes through all rules for one request, counting nothing. */
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
