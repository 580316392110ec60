import type { Sink } from './sink.ts';

/** One workload, run by several subjects. */
export interface Suite {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
  /** Subject that the others are compared with; its ratio is 1. */
  readonly reference: string;
  /** Limit for otel-xray, as `limits` says; see docs/spec/performance.md. */
  readonly must: number;
  readonly goal: number;
  /** Meaning of `must` and `goal`: a ratio to the reference (`share`, the default) or to `send alone`, or units. */
  readonly limits?: 'share' | 'units' | 'times send alone';
  subjects(): readonly string[];
  measure(subject: string, sink: Sink): Promise<number>;
}
