import type { SamplingRule as SamplerRule } from '../../sampler/rule.ts';

/** The parts of X-Ray's replies that the page reads; names and units are the API's (seconds). */

export interface ServiceId {
  readonly Name?: string;
  readonly Type?: string;
  readonly AccountId?: string;
}

export interface AnnotationEntry {
  readonly AnnotationValue?: {
    readonly StringValue?: string;
    readonly NumberValue?: number;
    readonly BooleanValue?: boolean;
  };
}

export interface TraceSummary {
  readonly Id: string;
  readonly StartTime?: number;
  readonly Duration?: number;
  readonly ResponseTime?: number;
  readonly HasFault?: boolean;
  readonly HasError?: boolean;
  readonly HasThrottle?: boolean;
  readonly IsPartial?: boolean;
  readonly Http?: {
    readonly HttpURL?: string;
    readonly HttpStatus?: number;
    readonly HttpMethod?: string;
  };
  readonly Annotations?: Readonly<Record<string, readonly AnnotationEntry[]>>;
  readonly Users?: readonly { readonly UserName?: string }[];
  readonly ServiceIds?: readonly ServiceId[];
  readonly EntryPoint?: ServiceId;
  readonly Revision?: number;
  /** Only in replies of the local X-Ray. */
  readonly LocalDetails?: { readonly Command?: string; readonly Tokens?: number };
}

export interface TraceSummaries {
  readonly TraceSummaries?: readonly TraceSummary[];
  readonly NextToken?: string;
}

export interface Trace {
  readonly Id: string;
  readonly Duration?: number;
  readonly LimitExceeded?: boolean;
  readonly Segments: readonly { readonly Id: string; readonly Document: string }[];
}

export interface Statistics {
  readonly OkCount?: number;
  readonly ErrorStatistics?: { readonly ThrottleCount?: number; readonly TotalCount?: number };
  readonly FaultStatistics?: { readonly TotalCount?: number };
  readonly TotalCount?: number;
  readonly TotalResponseTime?: number;
}

export interface HistogramEntry {
  readonly Value: number;
  readonly Count: number;
}

export interface Edge {
  readonly ReferenceId: number;
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly SummaryStatistics?: Statistics;
  readonly ResponseTimeHistogram?: readonly HistogramEntry[];
}

export interface Service {
  readonly ReferenceId: number;
  readonly Name?: string;
  readonly Type?: string;
  readonly Root?: boolean;
  readonly State?: string;
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly Edges?: readonly Edge[];
  readonly SummaryStatistics?: Statistics;
  readonly ResponseTimeHistogram?: readonly HistogramEntry[];
}

export interface SamplingRule extends Omit<SamplerRule, 'Attributes' | 'SamplingRateBoost'> {
  readonly RuleARN?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly SamplingRateBoost?: {
    readonly MaxRate?: number;
    readonly CooldownWindowMinutes?: number;
  };
}

/** A name for a filter expression. */
export interface Group {
  readonly GroupName: string;
  readonly FilterExpression?: string;
}
