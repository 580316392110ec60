import type { Sink } from './sink.ts';

/** One workload, run by several subjects. */
export interface Suite {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
  /** Subject that the others are compared with; its ratio is 1. */
  readonly reference: string;
  /** Limit for otel-xray, as a ratio to the reference or in units; see docs/spec/performance.md. */
  readonly must: number;
  readonly goal: number;
  /** Meaning of `must` and `goal`; `share` (a ratio) by default. */
  readonly limits?: 'share' | 'units';
  /** Limits for otel-xray as multiples of `send alone`. */
  readonly timesSendAlone?: { readonly must: number; readonly goal: number };
  subjects(): readonly string[];
  measure(subject: string, sink: Sink): Promise<number>;
}
