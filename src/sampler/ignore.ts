import type { Attributes, SpanKind } from '@opentelemetry/api';
import { pathOf, text } from './rule-input.ts';
import { compilePattern, type Matcher } from './wildcard.ts';

/** User agents of the health checks of AWS load balancers. */
export const HEALTH_CHECKERS: readonly string[] = ['ELB-HealthChecker/*'];

export interface IgnoreOptions {
  /** Patterns with `*` and `?`, as in sampling rules, e.g. `/health*`. */
  readonly paths?: readonly string[] | undefined;
  readonly userAgents?: readonly string[] | undefined;
}

/** Returns why a request is never sampled, or `undefined` if it may be. */
export type IgnoreReason = (kind: SpanKind, attributes: Attributes) => string | undefined;

const SERVER: SpanKind.SERVER = 1;

/**
 * Returns a check for incoming requests that are never sampled, regardless of rules and callers.
 * Outgoing requests are not affected: a call to another service's `/health` belongs to its trace.
 */
export function ignoredRequests(options: IgnoreOptions): IgnoreReason | undefined {
  const paths = compiled(options.paths);
  const agents = compiled(options.userAgents);
  if (paths.length === 0 && agents.length === 0) return undefined;
  return (kind, attributes) => {
    if (kind !== SERVER) return undefined;
    const path = paths.length === 0 ? undefined : pathOf(attributes);
    const byPath = firstMatch(paths, path);
    if (byPath !== undefined) return `its path matches ${byPath}`;
    const agent = text(attributes['user_agent.original']) ?? text(attributes['http.user_agent']);
    const byAgent = firstMatch(agents, agent);
    return byAgent === undefined ? undefined : `its user agent matches ${byAgent}`;
  };
}

interface NamedPattern {
  readonly pattern: string;
  readonly matches: Matcher;
}

function compiled(patterns: readonly string[] = []): NamedPattern[] {
  return patterns
    .filter((pattern) => pattern !== '')
    .map((pattern) => ({ pattern, matches: compilePattern(pattern) }));
}

function firstMatch(
  patterns: readonly NamedPattern[],
  value: string | undefined,
): string | undefined {
  if (value === undefined) return undefined;
  for (const { pattern, matches } of patterns) if (matches(value)) return pattern;
  return undefined;
}
