import { DEFAULT_RULE, MATCH_ALL, type PatternField } from '../../../sampler/rule.ts';
import { MAX_PATTERN_LENGTH } from '../../service/pattern-lengths.ts';
import type { SamplingRule } from '../api-types.ts';

interface TextField {
  readonly key: PatternField;
  readonly label: string;
  readonly max: number;
}

function textField(key: PatternField, label: string): TextField {
  return { key, label, max: MAX_PATTERN_LENGTH[key] };
}

/** The conditions of a rule, with their maximum lengths. */
export const TEXT_FIELDS: readonly TextField[] = [
  textField('HTTPMethod', 'HTTP method'),
  textField('URLPath', 'URL path'),
  textField('ServiceName', 'Service name'),
  textField('ServiceType', 'Service type'),
  textField('Host', 'Host'),
  textField('ResourceARN', 'Resource ARN'),
];

export const NEW_RULE: SamplingRule = {
  RuleName: '',
  Priority: 100,
  FixedRate: 0.05,
  ReservoirSize: 1,
  ...MATCH_ALL,
};

/** Returns attributes as lines `key=value`. */
export function attributeLines(attributes: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(attributes ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

export function attributesOf(lines: string): Record<string, string> {
  return Object.fromEntries(
    lines
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => {
        const at = line.indexOf('=');
        return at === -1 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      }),
  );
}

/**
 * Returns the members to send: all of a new rule, the changeable ones of another; of `Default`
 * X-Ray lets only two be changed.
 */
export function updateOf(rule: SamplingRule): Partial<SamplingRule> {
  const { RuleName, FixedRate, ReservoirSize } = rule;
  if (RuleName === DEFAULT_RULE) return { RuleName, FixedRate, ReservoirSize };
  const { RuleARN: _, ...rest } = rule;
  return rest;
}
