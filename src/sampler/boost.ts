import { createTraceState, type SpanContext, type TraceState } from '@opentelemetry/api';
import type { RuleState } from './state.ts';

/** The tracestate key that tells downstream services which rule sampled the root span. */
const KEY = 'xrsr';

/** Returns the propagated form of a rule name: the first eight bytes of its SHA-256, in hex. */
export function ruleHash(ruleName: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(ruleName, 'utf8').digest('hex').slice(0, 16);
}

/** Returns the trace state of a root whose rule may be boosted. Upstream entries are kept. */
export function withRuleHash(upstream: TraceState | undefined, hash: string): TraceState {
  const state = upstream ?? createTraceState();
  return state.get(KEY) === undefined ? state.set(KEY, hash) : state;
}

/** What adaptive sampling needs from the owner of the sampler. */
export interface AdaptiveHooks {
  /**
   * Whether requests with an anomaly are kept although they are not sampled. If so, every request is
   * recorded; if not, only those of rules that X-Ray may boost.
   */
  readonly capture: boolean;
  /** Called once, before the first unsampled request is recorded: something must observe its end. */
  readonly onActive: () => void;
}

/** What was found at the end of a request. */
export interface RequestOutcome {
  readonly isAnomaly: boolean;
  /** The anomaly was found by the default conditions, not by configured ones. */
  readonly isByDefault: boolean;
}

/** Counts the anomalies of the rules that X-Ray may boost (docs/spec/sampling.md section 13). */
export class AdaptiveSampling {
  readonly capture: boolean;
  readonly #onActive: () => void;
  /** By the hash of the rule's name. */
  #rules: ReadonlyMap<string, RuleState> = new Map();
  #isActive = false;

  constructor({ capture, onActive }: AdaptiveHooks) {
    this.capture = capture;
    this.#onActive = onActive;
  }

  /**
   * Sets the rules in use.
   *
   * @returns whether requests that are not sampled have to be recorded
   */
  update(states: readonly RuleState[]): boolean {
    this.#rules = new Map(
      states
        .filter(({ rule }) => rule.SamplingRateBoost !== undefined)
        .map((state) => [ruleHash(state.rule.RuleName), state]),
    );
    const isNeeded = this.capture || this.#rules.size > 0;
    if (isNeeded && !this.#isActive) {
      this.#isActive = true;
      this.#onActive();
    }
    return isNeeded;
  }

  /** Returns whether the anomalies of this trace are reported: its root matched a rule of ours. */
  isReported(spanContext: SpanContext): boolean {
    return this.#ruleOf(spanContext) !== undefined;
  }

  /** Counts a request of this process for the rule that decided at the root of its trace. */
  count(spanContext: SpanContext, { isAnomaly, isByDefault }: RequestOutcome): void {
    const state = this.#ruleOf(spanContext);
    if (state === undefined) return;
    const { counts, rule } = state;
    counts.observed += 1;
    if (!isAnomaly) return;
    if (isByDefault && rule.SamplingRateBoost?.DisableDefaultAnomalyDetection === true) return;
    counts.anomalies += 1;
    if ((spanContext.traceFlags & 1) === 1) counts.sampledAnomalies += 1;
  }

  #ruleOf({ traceState }: SpanContext): RuleState | undefined {
    const hash = traceState?.get(KEY);
    return hash === undefined ? undefined : this.#rules.get(hash);
  }
}
