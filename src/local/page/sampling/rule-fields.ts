import type { SamplingRule } from '../api-types.ts';

type TextKey = 'ServiceName' | 'ServiceType' | 'Host' | 'HTTPMethod' | 'URLPath' | 'ResourceARN';

/** The conditions of a rule, with their maximum lengths. */
export const TEXT_FIELDS: readonly {
  readonly key: TextKey;
  readonly label: string;
  readonly max: number;
}[] = [
  { key: 'HTTPMethod', label: 'HTTP method', max: 10 },
  { key: 'URLPath', label: 'URL path', max: 128 },
  { key: 'ServiceName', label: 'Service name', max: 64 },
  { key: 'ServiceType', label: 'Service type', max: 64 },
  { key: 'Host', label: 'Host', max: 64 },
  { key: 'ResourceARN', label: 'Resource ARN', max: 500 },
];

export const NEW_RULE: SamplingRule = {
  RuleName: '',
  Priority: 100,
  FixedRate: 0.05,
  ReservoirSize: 1,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  ResourceARN: '*',
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
  if (RuleName === 'Default') return { RuleName, FixedRate, ReservoirSize };
  const { RuleARN: _, ...rest } = rule;
  return rest;
}
