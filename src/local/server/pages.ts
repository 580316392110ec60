import type { IncomingMessage, ServerResponse } from 'node:http';
import { docsUrl } from '../../docs-url.ts';
import { type AnalyticsDeps, analyticsReply, profileReply } from '../analytics/http.ts';
import { exportTraces } from '../export/download.ts';
import { FilterError } from '../filter/error.ts';
import { parseFilter } from '../filter/parse.ts';
import type { Ingester } from '../ingest.ts';
import { type JsonObject, parseJson } from '../json.ts';
import { linkedTraces } from '../linked-traces.ts';
import { partialDocuments } from '../partial-documents.ts';
import { ageNote, documentNotes, type Note } from '../schema/notes.ts';
import type { Service } from '../service/index.ts';
import type { Store } from '../store/store.ts';
import { xrayTraceId } from '../trace/trace-id.ts';
import { sendJson } from './http.ts';
import { logLines } from './log-lines.ts';
import { serveFile } from './static-files.ts';

export interface PageDeps {
  readonly store: Store;
  readonly ingester: Ingester;
  readonly service: Service;
  /** Folder of the page's files; absent: there is no page. */
  readonly directory: string | undefined;
  /** Log files to search for lines of a trace. */
  readonly logFiles: readonly string[];
  /** Fields of `/local/status` besides the counts. */
  readonly status: () => object;
  readonly subscribe: (response: ServerResponse) => boolean;
}

/**
 * Handles GET requests: the page's files, its event stream, and data that X-Ray's API does not offer
 * (docs/local-xray.md lists them).
 */
export function pageHandler(
  parts: PageDeps,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname;
    if (path === '/events') {
      if (!parts.subscribe(response)) sendJson(response, 503, { message: 'too many connections' });
      return true;
    }
    if (path === '/local/export' || path.startsWith('/local/export/')) {
      const { store, ingester, service } = parts;
      const deps = { store, ingester, lookup: service.groups.lookup };
      answerAsync(response, () => exportTraces(deps, path, url.searchParams, response));
      return true;
    }
    const analysis = ANALYSES[path];
    if (analysis !== undefined) {
      const { store, ingester, service } = parts;
      const deps = { store, ingester, lookup: service.groups.lookup };
      answerAsync(response, async () => {
        sendJson(response, 200, await analysis(deps, url.searchParams));
        return true;
      });
      return true;
    }
    if (path.startsWith('/local/')) {
      const body = localData(parts, path, url.searchParams);
      if (body === undefined) return false;
      sendJson(response, 200, body);
      return true;
    }
    if (parts.directory !== undefined) return serveFile(parts.directory, path, response);
    if (path !== '/') return false;
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(
      `X-Ray on this machine. Its API takes POST requests; see ${docsUrl('local-xray')}\n`,
    );
    return true;
  };
}

/** Sums over many traces, by their paths. */
const ANALYSES: Readonly<
  Record<string, (deps: AnalyticsDeps, query: URLSearchParams) => Promise<object>>
> = { '/local/analytics': analyticsReply, '/local/profile': profileReply };

/** Runs an asynchronous handler. `false` becomes a 404 response, an error 400 or 500. */
function answerAsync(response: ServerResponse, handler: () => Promise<boolean>): void {
  handler().then(
    (found) => found || sendJson(response, 404, { message: 'no such trace' }),
    (error: Error) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, error instanceof FilterError ? 400 : 500, { message: error.message });
    },
  );
}

function localData(
  { store, ingester, service, status, logFiles }: PageDeps,
  path: string,
  query: URLSearchParams,
): unknown {
  ingester.flush();
  switch (path) {
    case '/local/status':
      return { ...status(), counts: ingester.counts() };
    case '/local/problems':
      return { problems: ingester.problems() };
    case '/local/partial':
      return { documents: partialDocuments(store) };
    case '/local/rules':
      return { rules: service.sampling.counters() };
    case '/local/senders':
      return { senders: service.ingest.senders() };
    case '/local/filter':
      return checkedFilter(query.get('expression') ?? '', service);
    default:
      if (path.startsWith('/local/logs/')) {
        const id = xrayTraceId(decodeURIComponent(path.slice('/local/logs/'.length)));
        return id && logLines(logFiles, id);
      }
      return path.startsWith('/local/traces/')
        ? storedTrace(store, decodeURIComponent(path.slice('/local/traces/'.length)))
        : undefined;
  }
}

function checkedFilter(text: string, service: Service): object {
  const traceId = xrayTraceId(text.trim());
  if (traceId !== undefined) return { ok: true, traceId };
  try {
    parseFilter(text, service.groups.lookup);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ok: false, offset: error.offset, reason: error.reason, message: error.message };
  }
}

/** Returns the documents of a trace exactly as they were received. */
function storedTrace(store: Store, asked: string): object | undefined {
  const stored = store.trace(xrayTraceId(asked) ?? asked);
  return (
    stored && {
      id: stored.id,
      revision: stored.revision,
      bytes: stored.bytes,
      arrived: stored.arrived,
      changed: stored.changed,
      linked: linkedTraces(store, stored),
      documents: stored.documents.map(({ id, body, via, arrived, record, span }) => ({
        id,
        via,
        arrived,
        bytes: Buffer.byteLength(body),
        body,
        notes: notesOf(record, stored.id, arrived),
        span: span === undefined ? undefined : parseJson(span),
      })),
    }
  );
}

/** Returns what X-Ray would drop, truncate or not index in a document. */
function notesOf(record: JsonObject, traceId: string, arrived: number): readonly Note[] {
  const age = ageNote(traceId, arrived);
  return [
    ...documentNotes(record),
    ...(age === undefined ? [] : [{ path: 'trace_id', reason: age }]),
  ];
}
