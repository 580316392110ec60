/**
 * One validated sampling rule of the account, with X-Ray's field names and with defaults.
 *
 * @see https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
 */
export interface SamplingRule {
  readonly RuleName: string;
  readonly Priority: number;
  /** Requests per second of the account that are sampled before {@link FixedRate} applies. */
  readonly ReservoirSize: number;
  /** 0 to 1. */
  readonly FixedRate: number;
  readonly ServiceName: string;
  readonly ServiceType: string;
  readonly Host: string;
  readonly HTTPMethod: string;
  readonly URLPath: string;
  readonly ResourceARN: string;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly SamplingRateBoost?: SamplingRateBoost | undefined;
}

export interface SamplingRateBoost {
  readonly MaxRate: number;
  readonly CooldownWindowMinutes: number;
  /** Only the conditions of the application's configuration find anomalies. */
  readonly DisableDefaultAnomalyDetection: boolean;
}

/** The pattern fields of a rule, in the order in which X-Ray's console lists them. */
export const PATTERN_FIELDS = [
  'ServiceName',
  'ServiceType',
  'Host',
  'HTTPMethod',
  'URLPath',
  'ResourceARN',
] as const;

export type PatternField = (typeof PATTERN_FIELDS)[number];

/** The conditions of a rule that matches every request. */
export const MATCH_ALL: Readonly<Record<PatternField, '*'>> & Pick<SamplingRule, 'Attributes'> = {
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  ResourceARN: '*',
  Attributes: {},
};

/** The rule for all requests that no other rule matches. Its fields are ignored. */
export const DEFAULT_RULE = 'Default';

/** The priority of the default rule, behind those that users can choose. */
export const DEFAULT_RULE_PRIORITY = 10_000;

export interface ReadRule {
  readonly rule?: SamplingRule;
  /** Why there is no rule, for a log message. */
  readonly problem?: string;
}

/**
 * Validates one rule of a response or a file. The default of a pattern is `*`.
 *
 * A rule without a name is rejected and never used as the default. A rule of an unknown version is
 * rejected as well, because the meaning of its fields may have changed.
 */
export function readRule(value: unknown): ReadRule {
  if (!isRecord(value)) return { problem: 'a rule that is not an object' };
  const name = value['RuleName'];
  if (typeof name !== 'string' || name === '') return { problem: 'a rule without RuleName' };
  const bad = (what: string): ReadRule => ({ problem: `rule ${JSON.stringify(name)}: ${what}` });
  if (value['Version'] !== 1) return bad(`Version ${JSON.stringify(value['Version'])} is not 1`);
  const { Priority, ReservoirSize, FixedRate } = value;
  if (!isFiniteNumber(Priority)) return bad('Priority is not a number');
  if (!isFiniteNumber(ReservoirSize)) return bad('ReservoirSize is not a number');
  if (!isFiniteNumber(FixedRate)) return bad('FixedRate is not a number');
  const patterns: Partial<Record<PatternField, string>> = {};
  for (const field of PATTERN_FIELDS) {
    const pattern = value[field] ?? '*';
    if (typeof pattern !== 'string') return bad(`${field} is not a string`);
    patterns[field] = pattern;
  }
  const attributes = value['Attributes'] ?? {};
  if (!isRecord(attributes) || !Object.values(attributes).every((v) => typeof v === 'string')) {
    return bad('Attributes are not strings');
  }
  return {
    rule: {
      RuleName: name,
      Priority,
      ReservoirSize: Math.max(0, Math.floor(ReservoirSize)),
      FixedRate: clampRate(FixedRate),
      ...(patterns as Record<PatternField, string>),
      Attributes: { ...attributes } as Record<string, string>,
      SamplingRateBoost: readBoost(value['SamplingRateBoost']),
    },
  };
}

function readBoost(value: unknown): SamplingRateBoost | undefined {
  if (!isRecord(value)) return undefined;
  const { MaxRate, CooldownWindowMinutes, DisableDefaultAnomalyDetection } = value;
  if (!isFiniteNumber(MaxRate)) return undefined;
  return {
    MaxRate: clampRate(MaxRate),
    CooldownWindowMinutes: isFiniteNumber(CooldownWindowMinutes) ? CooldownWindowMinutes : 0,
    DisableDefaultAnomalyDetection: DisableDefaultAnomalyDetection === true,
  };
}

/** Orders rules by priority and then by name in code units. The rule `Default` is always last. */
export function inOrder<T extends Pick<SamplingRule, 'RuleName' | 'Priority'>>(
  rules: readonly T[],
): T[] {
  return [...rules].sort((a, b) => {
    const last = Number(a.RuleName === DEFAULT_RULE) - Number(b.RuleName === DEFAULT_RULE);
    if (last !== 0) return last;
    if (a.Priority !== b.Priority) return a.Priority - b.Priority;
    if (a.RuleName === b.RuleName) return 0;
    return a.RuleName < b.RuleName ? -1 : 1;
  });
}

/** Returns whether two rules are equal in all fields and attributes. */
export function sameRule(a: SamplingRule, b: SamplingRule): boolean {
  return canonical(a) === canonical(b);
}

function canonical(rule: SamplingRule): string {
  const { Attributes, SamplingRateBoost, ...fields } = rule;
  const sorted = (record: object) =>
    Object.entries(record).sort(([x], [y]) => (x < y ? -1 : Number(x > y)));
  return JSON.stringify([
    sorted(fields),
    sorted(Attributes),
    SamplingRateBoost === undefined ? null : sorted(SamplingRateBoost),
  ]);
}

/** Limits a rate to 0 to 1. A value that is not a number is 0. */
export function clampRate(rate: number): number {
  return rate > 0 ? Math.min(rate, 1) : 0;
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
