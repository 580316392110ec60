import {
  DEFAULT_RULE,
  DEFAULT_RULE_PRIORITY,
  MATCH_ALL,
  type SamplingRule as SamplerRule,
} from '../../sampler/rule.ts';
import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { invalid } from './errors.ts';
import {
  optionalNumber,
  optionalObject,
  optionalText,
  requiredNumber,
  requiredText,
} from './input.ts';
import { MAX_PATTERN_LENGTH } from './pattern-lengths.ts';

/** A sampling rule with the fields that only the API has; `RuleARN` is made from the name. */
export interface SamplingRule extends Omit<SamplerRule, 'SamplingRateBoost'> {
  readonly RuleARN: string;
  readonly Version: 1;
  readonly SamplingRateBoost?:
    | { readonly MaxRate: number; readonly CooldownWindowMinutes: number }
    | undefined;
}

export interface RuleRecord {
  readonly SamplingRule: SamplingRule;
  /** Epoch seconds. */
  readonly CreatedAt: number;
  readonly ModifiedAt: number;
}

const NAME = { min: 1, max: 32 };

const NUMBERS = {
  Priority: { min: 1, max: DEFAULT_RULE_PRIORITY - 1, whole: true },
  FixedRate: { min: 0, max: 1 },
  ReservoirSize: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
} as const;

/** Members of the rule `Default` that can be changed. */
const CHANGEABLE_OF_DEFAULT = ['RuleName', 'RuleARN', 'FixedRate', 'ReservoirSize'];

/** Returns the rule that always exists. */
export function defaultRule(arn: (name: string) => string, fixedRate: number): RuleRecord {
  return {
    SamplingRule: {
      RuleName: DEFAULT_RULE,
      RuleARN: arn(DEFAULT_RULE),
      Priority: DEFAULT_RULE_PRIORITY,
      FixedRate: fixedRate,
      ReservoirSize: 1,
      Version: 1,
      ...MATCH_ALL,
    },
    CreatedAt: 0,
    ModifiedAt: 0,
  };
}

/** Creates a rule from the `SamplingRule` of CreateSamplingRule. */
export function newRule(input: JsonObject, arn: (name: string) => string): SamplingRule {
  const name = optionalText(input, 'RuleName', NAME);
  if (name === undefined || optionalText(input, 'RuleARN') !== undefined) {
    throw invalid('a new rule needs a RuleName and must not have a RuleARN');
  }
  requiredNumber(input, 'Version', { min: 1, max: 1, whole: true });
  return {
    RuleName: name,
    RuleARN: arn(name),
    ResourceARN: requiredText(input, 'ResourceARN', { max: MAX_PATTERN_LENGTH.ResourceARN }),
    Priority: requiredNumber(input, 'Priority', NUMBERS.Priority),
    FixedRate: requiredNumber(input, 'FixedRate', NUMBERS.FixedRate),
    ReservoirSize: requiredNumber(input, 'ReservoirSize', NUMBERS.ReservoirSize),
    ServiceName: requiredText(input, 'ServiceName', { max: MAX_PATTERN_LENGTH.ServiceName }),
    ServiceType: requiredText(input, 'ServiceType', { max: MAX_PATTERN_LENGTH.ServiceType }),
    Host: requiredText(input, 'Host', { max: MAX_PATTERN_LENGTH.Host }),
    HTTPMethod: requiredText(input, 'HTTPMethod', { max: MAX_PATTERN_LENGTH.HTTPMethod }),
    URLPath: requiredText(input, 'URLPath', { max: MAX_PATTERN_LENGTH.URLPath }),
    Version: 1,
    Attributes: attributes(input) ?? {},
    SamplingRateBoost: boost(input),
  };
}

/** Returns a rule with the given members of `SamplingRuleUpdate` in place. */
export function changedRule(rule: SamplingRule, input: JsonObject): SamplingRule {
  if (rule.RuleName === DEFAULT_RULE) {
    const other = Object.keys(input).find(
      (key) => input[key] != null && !CHANGEABLE_OF_DEFAULT.includes(key),
    );
    if (other)
      throw invalid(
        `only FixedRate and ReservoirSize of the rule Default can be changed, not ${other}`,
      );
  }
  const given = Object.fromEntries(
    [
      ...Object.entries(MAX_PATTERN_LENGTH).map(([key, max]) => [
        key,
        optionalText(input, key, { max }),
      ]),
      ...Object.entries(NUMBERS).map(([key, range]) => [key, optionalNumber(input, key, range)]),
      ['Attributes', attributes(input)],
      ['SamplingRateBoost', boost(input)],
    ].filter(([, value]) => value !== undefined),
  ) as Partial<SamplingRule>;
  return { ...rule, ...given };
}

function attributes(input: JsonObject): Record<string, string> | undefined {
  const given = optionalObject(input, 'Attributes');
  if (given === undefined) return undefined;
  const entries = Object.entries(given);
  if (entries.length > 5) throw invalid(`Attributes may have 5 entries, not ${entries.length}`);
  for (const [key, value] of entries) {
    const fits = (text: unknown) =>
      typeof text === 'string' && text.length >= 1 && text.length <= 32;
    if (!fits(key) || !fits(value))
      throw invalid('keys and values of Attributes must have 1 to 32 characters');
  }
  return given as Record<string, string>;
}

function boost(input: JsonObject): SamplingRule['SamplingRateBoost'] {
  const given = optionalObject(input, 'SamplingRateBoost');
  return (
    given && {
      MaxRate: requiredNumber(given, 'MaxRate', { min: 0, max: 1 }),
      CooldownWindowMinutes: requiredNumber(given, 'CooldownWindowMinutes', {
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        whole: true,
      }),
    }
  );
}

/**
 * Reads the rules of a file: the output of `aws xray get-sampling-rules`, one or several inputs of
 * `create-sampling-rule`, or bare rules.
 *
 * @returns what could be read, and what was wrong with the rest
 */
export function rulesOfFile(
  content: unknown,
  arn: (name: string) => string,
): { readonly records: readonly RuleRecord[]; readonly problems: readonly string[] } {
  const listed = asObject(content)?.['SamplingRuleRecords'] ?? asObject(content)?.['SamplingRules'];
  const entries = Array.isArray(content) ? content : Array.isArray(listed) ? listed : [content];
  const records: RuleRecord[] = [];
  const problems: string[] = [];
  for (const [index, entry] of asList(entries).entries()) {
    const object = asObject(entry) ?? {};
    const { RuleARN: _, ...rule } = asObject(object['SamplingRule']) ?? object;
    try {
      const isDefault = rule['RuleName'] === DEFAULT_RULE;
      const { FixedRate, ReservoirSize } = rule;
      records.push({
        SamplingRule: isDefault
          ? changedRule(defaultRule(arn, 0.05).SamplingRule, { FixedRate, ReservoirSize })
          : newRule(rule, arn),
        CreatedAt: asNumber(object['CreatedAt']) ?? 0,
        ModifiedAt: asNumber(object['ModifiedAt']) ?? 0,
      });
    } catch (error) {
      const name = asText(rule['RuleName']) ?? `number ${index + 1}`;
      problems.push(`sampling rule ${JSON.stringify(name)}: ${(error as Error).message}`);
    }
  }
  return { records, problems };
}
