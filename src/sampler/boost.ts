import { createTraceState, type TraceState } from '@opentelemetry/api';

/** The tracestate key by which a service downstream learns which rule sampled the root. */
const KEY = 'xrsr';

/** A rule's name as it travels: the first eight bytes of its SHA-256, in hex. */
export function ruleHash(ruleName: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(ruleName, 'utf8').digest('hex').slice(0, 16);
}

/** The trace state of a root whose rule may be boosted; what came from upstream stays. */
export function withRuleHash(upstream: TraceState | undefined, hash: string): TraceState {
  const state = upstream ?? createTraceState();
  return state.get(KEY) === undefined ? state.set(KEY, hash) : state;
}
