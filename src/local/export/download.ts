import type { ServerResponse } from 'node:http';
import { EVERYTHING } from '../filter/expression.ts';
import { type GroupLookup, parseFilter } from '../filter/parse.ts';
import type { Ingester } from '../ingest.ts';
import { search } from '../search.ts';
import type { Store, StoredTrace } from '../store/store.ts';
import { xrayTraceId } from '../trace/trace-id.ts';
import { traceHtml } from './html.ts';
import { traceJson } from './trace-json.ts';

export interface ExportDeps {
  readonly store: Store;
  readonly ingester: Ingester;
  readonly lookup: GroupLookup;
}

/** Traces of one export by filter; the newest are taken. */
const MAX_EXPORTED = 1_000;

/**
 * Answers `/local/export?…` with a file of traces in the form of BatchGetTraces, and
 * `/local/export/<trace id>.html` with a page of one trace.
 *
 * @param query `ids`, comma-separated; or `filter`, `from` and `to` (epoch seconds)
 * @returns `false` when there is no such trace
 * @throws {FilterError} when the filter expression is refused
 */
export async function exportTraces(
  deps: ExportDeps,
  path: string,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<boolean> {
  deps.ingester.flush();
  const page = /^\/local\/export\/([\w-]+)\.html$/.exec(path)?.[1];
  if (page !== undefined) {
    const stored = deps.store.trace(xrayTraceId(page) ?? page);
    if (stored === undefined) return false;
    head(response, `trace-${stored.id}.html`, 'text/html; charset=utf-8');
    response.end(traceHtml(stored));
    return true;
  }
  if (path !== '/local/export') return false;
  const ids = query.get('ids');
  const traces = ids === null ? byFilter(deps, query) : byIds(deps, ids.split(','));
  // An invalid filter must fail before the headers are sent.
  const first = await traces.next();
  const name = ids === null || ids.includes(',') ? 'traces.json' : `trace-${ids}.json`;
  head(response, name.replace(/[^\w.-]/g, '_'), 'application/json');
  response.write('{"Traces":[');
  for (let next = first, comma = ''; next.done !== true; next = await traces.next(), comma = ',') {
    const drained = response.write(`${comma}${JSON.stringify(traceJson(next.value))}`);
    if (!drained) await new Promise((resolve) => setImmediate(resolve));
  }
  response.end('],"UnprocessedTraceIds":[]}\n');
  return true;
}

function head(response: ServerResponse, name: string, type: string): void {
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
}

async function* byIds(
  { store }: ExportDeps,
  ids: readonly string[],
): AsyncGenerator<StoredTrace, void, undefined> {
  for (const id of ids.slice(0, MAX_EXPORTED)) {
    const stored = store.trace(xrayTraceId(id.trim()) ?? id);
    if (stored) yield stored;
  }
}

async function* byFilter(
  { store, lookup }: ExportDeps,
  query: URLSearchParams,
): AsyncGenerator<StoredTrace, void, undefined> {
  const text = query.get('filter') ?? '';
  const expression = text === '' ? EVERYTHING : parseFilter(text, lookup);
  const range = {
    from: Number(query.get('from') ?? 0) || 0,
    to: Number(query.get('to')) || 1e10,
    by: 'start' as const,
  };
  let count = 0;
  for await (const { stored } of search(store, { range, expression })) {
    yield stored;
    count += 1;
    if (count === MAX_EXPORTED) return;
  }
}
