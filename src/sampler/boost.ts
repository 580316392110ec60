import { createTraceState, type TraceState } from '@opentelemetry/api';

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
