import { rateText } from '../rate-text.ts';
import { DEFAULT_RULE, DEFAULT_RULE_PRIORITY, MATCH_ALL, type SamplingRule } from './rule.ts';
import { type RuleState, withRules } from './state.ts';

/** Returns states for local rules: this process uses the whole reservoir and reports nothing. */
export function localRuleStates(rules: readonly SamplingRule[]): RuleState[] {
  const states = withRules([], rules, 0);
  for (const { reservoir, rule } of states) {
    reservoir.quota = rule.ReservoirSize;
    reservoir.quotaEndMs = Number.POSITIVE_INFINITY;
  }
  return states;
}

/** The default of the X-Ray SDKs: the first request of each second and 5% of the others. */
export const BUILT_IN_RULE: SamplingRule = {
  RuleName: DEFAULT_RULE,
  Priority: DEFAULT_RULE_PRIORITY,
  ReservoirSize: 1,
  FixedRate: 0.05,
  ...MATCH_ALL,
};

/** {@link BUILT_IN_RULE} in words, for messages. */
export const BUILT_IN_TEXT: string = `${BUILT_IN_RULE.ReservoirSize} request per second, then ${rateText(BUILT_IN_RULE.FixedRate)}`;
