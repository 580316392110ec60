/** Default interval between two reports of a rule. */
export const DEFAULT_INTERVAL_MS = 10_000;

/** What X-Ray assigns to this process for one rule; absent parts are unknown, not zero. */
export interface SamplingTarget {
  readonly ruleName: string;
  readonly fixedRate: number | undefined;
  readonly quota: number | undefined;
  /** Epoch seconds of X-Ray's clock. */
  readonly quotaEndSeconds: number | undefined;
  readonly boostRate: number | undefined;
  /** Epoch seconds of X-Ray's clock. */
  readonly boostEndSeconds: number | undefined;
  readonly intervalMs: number;
}
