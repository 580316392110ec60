import { rateText } from '../../rate-text.ts';
import { DEFAULT_RULE, readRule, type SamplingRule } from '../../sampler/rule.ts';
import { compilePattern } from '../../sampler/wildcard.ts';
import { type Check, info, ok, warn } from '../finding.ts';

/** Lists the sampling rules that can match requests of this service. */
export const rules: Check = {
  name: 'rules',
  find: ({ network, config }) => {
    const records = recordsOf(network.tcp.answer?.body);
    if (records === undefined) return info('not checked: no sampling rules were read');
    const all = records
      .map((record) => readRule(record).rule)
      .filter((rule) => rule !== undefined)
      .sort((a, b) => a.Priority - b.Priority || a.RuleName.localeCompare(b.RuleName));
    const mine = all.filter((rule) => isFor(rule, config.service));
    const list = mine.map(describe).join('; ');
    const read = `${all.length} ${all.length === 1 ? 'rule' : 'rules'} read`;
    const catchAll = mine.find(matchesAll);
    if (catchAll !== undefined && catchAll.FixedRate === 0 && catchAll.ReservoirSize === 0) {
      return warn(
        'samples-nothing',
        `${read}; rule ${catchAll.RuleName} matches all remaining requests and samples none`,
        'Raise its rate or reservoir in the X-Ray console.',
      );
    }
    if (mine.length === 0) {
      return warn(
        'rules-not-read',
        `${read}, none of which applies to service ${config.service}`,
        'X-Ray always has a rule named Default; check the response of the daemon.',
      );
    }
    return ok(`${read}; for service ${config.service ?? '(no name)'}: ${list}`);
  },
};

function recordsOf(body: unknown): readonly unknown[] | undefined {
  const records = (body as { SamplingRuleRecords?: unknown } | null)?.SamplingRuleRecords;
  if (!Array.isArray(records)) return undefined;
  return records.map((record) => (record as { SamplingRule?: unknown } | null)?.SamplingRule);
}

function isFor(rule: SamplingRule, service: string | undefined): boolean {
  return rule.RuleName === DEFAULT_RULE || compilePattern(rule.ServiceName)(service ?? '');
}

function matchesAll(rule: SamplingRule): boolean {
  if (rule.RuleName === DEFAULT_RULE) return true;
  const { ServiceType, Host, HTTPMethod, URLPath, ResourceARN, Attributes } = rule;
  return (
    [ServiceType, Host, HTTPMethod, URLPath, ResourceARN].every((pattern) => pattern === '*') &&
    Object.keys(Attributes).length === 0
  );
}

/** Formats a rule, for example `checkout (5/s, then 10%)`. */
function describe({ RuleName, ReservoirSize, FixedRate }: SamplingRule): string {
  return `${RuleName} (${ReservoirSize}/s, then ${rateText(FixedRate)})`;
}
