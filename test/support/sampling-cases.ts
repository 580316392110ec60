import type { Attributes } from '@opentelemetry/api';
import { MATCH_ALL, readRule, type SamplingRule } from '../../src/sampler/rule.ts';
import { specText } from './fixtures.ts';

/** Times of a fake clock, in seconds. */
export interface TimelineEvent {
  readonly t: number;
  readonly request?: true;
  readonly expected?: boolean;
  readonly target?: Readonly<Record<string, unknown>>;
}

interface Case {
  readonly id: string;
  readonly title?: string;
}

export interface ParsedHeader {
  readonly traceId: string;
  readonly parentId: string | null;
  readonly sampled: boolean | null;
  readonly deferred: boolean;
  readonly rootOnly: boolean;
  readonly lineage?: string | null;
  readonly data?: Readonly<Record<string, string>>;
  readonly tracestate?: string;
  readonly injected_xray_root?: string;
}

type RawRule = Readonly<Record<string, unknown>>;

export interface SamplingCases {
  readonly rule_base: RawRule;
  readonly wildcard: readonly (Case & { pattern: string; text: string; expected: boolean })[];
  readonly wildcardPerf: readonly (Case & {
    pattern: string;
    text_repeat: [string, number];
    expected: boolean;
  })[];
  readonly ruleMatch: readonly (Case & {
    rule: RawRule;
    attributes: Attributes;
    resource: Attributes;
    expected: boolean;
  })[];
  readonly order: readonly (Case & { rules: RawRule[]; expected: string[] })[];
  readonly equality: readonly (Case & { old: RawRule; new: RawRule; expected_equal: boolean })[];
  readonly timelines: readonly (Case & {
    rule: RawRule;
    events: TimelineEvent[];
    expected_statistics: { RequestCount: number; SampledCount: number; BorrowCount: number };
  })[];
  readonly statistics: readonly (Case & {
    steps?: (readonly [string, unknown?, Readonly<Record<string, unknown>>?])[];
    expected_reports?: number[];
    expected_rule_refreshes?: number;
  })[];
  readonly targetsParsing: readonly (Case & { body: string; expected: string })[];
  readonly modification: readonly (Case & {
    rules_fetched_server_time: number;
    local_clock_offset_s: number;
    replies: (number | null)[];
    expected_refresh: boolean[];
  })[];
  readonly skew: readonly (Case & {
    reply_date_epoch: number | null;
    local_receive_epoch: number;
    ReservoirQuotaTTL: number;
    Interval?: number;
    expected_usable_seconds: number;
  })[];
  readonly rulesPaging: readonly (Case & {
    pages: { NextToken?: string | null; names?: string[]; status?: number }[];
    expected_rules?: string[];
    expected_bodies?: string[];
  })[];
  readonly fixedRate: readonly (Case & { rate?: number | 'NaN'; expected?: string })[];
  readonly localRules: readonly (Case & {
    file: unknown;
    valid: boolean;
    decisions?: { attributes: Attributes; expected: boolean }[];
  })[];
  readonly parentBased: readonly (Case & {
    parent: 'none' | { remote: boolean; sampled?: boolean; deferred?: true; rootOnly?: true };
    expected: boolean | 'rules';
  })[];
  readonly headers: readonly (Case & { value: string; expected: ParsedHeader | null })[];
  readonly headerCarrier: readonly (Case & {
    carrier: Record<string, string | string[]>;
    expected: string;
  })[];
  readonly inject: readonly (Case & {
    context: {
      traceId: string;
      spanId: string;
      flags: number;
      lineage?: string;
      data?: Record<string, string>;
    } | null;
    expected: string | null;
  })[];
  readonly composite: readonly (Case & {
    propagators: string;
    carrier: Record<string, string>;
    expected: Partial<ParsedHeader> | null;
  })[];
  readonly lambda: readonly (Case & Readonly<Record<string, unknown>>)[];
  readonly messages: readonly (Case & {
    sqs?: { attributes?: Record<string, string>; Attributes?: Record<string, string> };
    expected?: ParsedHeader | null | string;
    isSampled?: boolean;
  })[];
  readonly address: readonly (Case & { value: string; expected: unknown })[];
  readonly ids: readonly (Case & { now_epoch?: number; expected_prefix?: string })[];
  readonly xrsr: readonly (Case & { rule: string; expected: string })[];
  readonly contextMissing: readonly (Case & { value: string; expected: string })[];
}

/** The cases of `docs/spec/sampling-cases.json`. */
export const CASES: SamplingCases = JSON.parse(specText('sampling-cases.json'));

/** Returns a rule from a case, which states only what differs from the base rule. */
export function ruleOf(parts: RawRule = {}): SamplingRule {
  const { rule, problem } = readRule({ ...DEFAULTS, ...parts });
  if (rule === undefined) throw new Error(problem);
  return rule;
}

const DEFAULTS = {
  RuleName: 't',
  Version: 1,
  Priority: 1,
  ReservoirSize: 1,
  FixedRate: 0.05,
  ...MATCH_ALL,
};

export function rawRule(parts: RawRule = {}): RawRule {
  return { ...DEFAULTS, ...parts };
}
