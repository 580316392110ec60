/** Replies of `/local/…` (docs/local-xray.md): data that X-Ray's API does not offer. */
import type { StatusName } from '../trace/labels.ts';
import type { SamplingRule } from './api-types.ts';

export interface Counts {
  readonly traces: number;
  readonly documents: number;
  readonly bytes: number;
  readonly received: number;
  readonly refused: number;
  readonly foreign: number;
}

export interface LocalStatus {
  readonly store?: string;
  readonly ruleProblems: readonly string[];
  readonly counts: Counts;
}

export interface LocalProblem {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly via: string;
  readonly kind: 'refused' | 'foreign';
  readonly code?: string;
  readonly message?: string;
  readonly reason: string;
  readonly id?: string;
  readonly traceId?: string;
  readonly text: string;
}

export interface Poller {
  readonly clientId: string;
  /** Epoch seconds. */
  readonly firstReport: number;
  readonly lastReport: number;
  readonly quota?: number;
  readonly requests: number;
  readonly sampled: number;
  readonly borrowed: number;
}

export interface RuleCounters {
  readonly rule: SamplingRule;
  readonly requests: number;
  readonly sampled: number;
  readonly borrowed: number;
  readonly pollers: readonly Poller[];
}

export interface ArrivedDocument {
  readonly id: string;
  readonly via: string;
  /** Epoch seconds. */
  readonly arrived: number;
  readonly bytes: number;
  readonly body: string;
  /** What X-Ray would drop or not index. */
  readonly notes?: readonly { readonly path: string; readonly reason: string }[];
  /** The OpenTelemetry span, where the document was made from one here. */
  readonly span?: unknown;
}

/** A trace that this one links to, or is linked from. */
export interface LinkedTrace {
  readonly id: string;
  readonly direction: 'to' | 'from';
  /** Absent when the trace is not in the store. */
  readonly trace?: {
    readonly name: string;
    readonly what: string;
    readonly start: number;
    readonly responseTime?: number;
    readonly status: StatusName;
  };
}

export interface ArrivedTrace {
  readonly bytes: number;
  readonly linked?: readonly LinkedTrace[];
  readonly documents: readonly ArrivedDocument[];
}

/** A document that X-Ray accepts but stores or indexes only in part. */
export interface PartialDocument {
  readonly traceId: string;
  readonly id: string;
  readonly name: string;
  /** Epoch seconds. */
  readonly arrived: number;
  readonly notes: readonly { readonly path: string; readonly reason: string }[];
}

/** Lines of the configured log files that name a trace. */
export interface LogLines {
  /** Paths of the files that were looked through; none: no file is configured. */
  readonly files: readonly string[];
  readonly lines: readonly { readonly file: string; readonly text: string }[];
  /** There are more lines than these. */
  readonly more: boolean;
}
