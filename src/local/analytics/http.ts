import { EVERYTHING, type Expression } from '../filter/expression.ts';
import { type GroupLookup, parseFilter } from '../filter/parse.ts';
import type { Ingester } from '../ingest.ts';
import { search } from '../search.ts';
import type { Store } from '../store/store.ts';
import { assemble } from '../trace/assemble.ts';
import { xrayTraceId } from '../trace/trace-id.ts';
import type { Analytics } from './analytics.ts';
import { analyze } from './collect.ts';
import { type Profile, Profiler } from './profile.ts';

export interface AnalyticsDeps {
  readonly store: Store;
  readonly ingester: Ingester;
  readonly lookup: GroupLookup;
}

/** Traces that a profile sums at most; the newest are taken. */
const MAX_PROFILED = 500;
const LAST_SECOND = 1e10;

/**
 * Answers `/local/analytics`.
 *
 * @param query `filter`, `from`, `to` (epoch seconds), `by`
 * @throws {FilterError} when the filter expression is refused
 */
export function analyticsReply(deps: AnalyticsDeps, query: URLSearchParams): Promise<Analytics> {
  deps.ingester.flush();
  return analyze(deps.store, {
    ...rangeOf(query),
    expression: expressionOf(deps, query),
    by: query.get('by') ?? 'service',
  });
}

/**
 * Answers `/local/profile`.
 *
 * @param query `id` of a trace, or `filter`, `from` and `to` (epoch seconds)
 * @throws {FilterError} when the filter expression is refused
 */
export async function profileReply(deps: AnalyticsDeps, query: URLSearchParams): Promise<Profile> {
  const { store, ingester } = deps;
  ingester.flush();
  const profiler = new Profiler();
  const id = query.get('id');
  if (id !== null) {
    const stored = store.trace(xrayTraceId(id) ?? id);
    if (stored) profiler.add(assemble(stored.id, stored.documents));
    return profiler.result(false);
  }
  const range = { ...rangeOf(query), by: 'start' as const };
  const expression = expressionOf(deps, query);
  for await (const { traceIndex } of search(store, { range, expression })) {
    if (profiler.traces === MAX_PROFILED) return profiler.result(true);
    profiler.add(traceIndex.trace);
  }
  return profiler.result(false);
}

function expressionOf({ lookup }: AnalyticsDeps, query: URLSearchParams): Expression {
  const text = query.get('filter') ?? '';
  return text === '' ? EVERYTHING : parseFilter(text, lookup);
}

function rangeOf(query: URLSearchParams): { readonly from: number; readonly to: number } {
  return {
    from: Number(query.get('from') ?? 0) || 0,
    to: Number(query.get('to')) || LAST_SECOND,
  };
}
