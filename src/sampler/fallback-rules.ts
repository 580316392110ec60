import type { SamplingRule } from './rule.ts';
import { type RuleState, withRules } from './state.ts';

/** Rules that this process applies by itself: the whole reservoir is its own, nothing is reported. */
export function localRuleStates(rules: readonly SamplingRule[]): RuleState[] {
  const states = withRules([], rules, 0);
  for (const { reservoir, rule } of states) {
    reservoir.quota = rule.ReservoirSize;
    reservoir.quotaEndMs = Number.POSITIVE_INFINITY;
  }
  return states;
}

/** What X-Ray's SDKs do without rules: the first request of each second, and 5 % of the others. */
export const BUILT_IN_RULE: SamplingRule = {
  RuleName: 'Default',
  Priority: 10_000,
  ReservoirSize: 1,
  FixedRate: 0.05,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  ResourceARN: '*',
  Attributes: {},
};
