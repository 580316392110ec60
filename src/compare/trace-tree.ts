import type { SegmentDocument } from '../translator/document.ts';
import { redactConnectionString } from '../translator/values/connection-string.ts';
import { redactUrl, redactUrlsIn } from '../translator/values/url.ts';

/** What a trace shows a reader, without ids and times, so that two tracers can be compared. */
export interface Tree {
  readonly name: string;
  readonly [field: string]: unknown;
  readonly children?: readonly Tree[];
}

/** Fields that are compared as they are. */
const PLAIN = ['namespace', 'user', 'error', 'fault', 'throttle', 'annotations'] as const;

/**
 * What only OpenTelemetry has: the subsegment of a framework's handler, and the segment of a request
 * that no middleware of the X-Ray SDK sees. Their children move up.
 */
const ONLY_OTEL = /^(?:request handler|unknown_service:node)$/;

/**
 * Returns the traces of documents as trees, in order of their names.
 *
 * Left out are ids, times, stacks, what each tracer says of itself and of the process, and the
 * differences that docs/migration.md names in "What looks different in X-Ray".
 */
export function traceTrees(documents: readonly SegmentDocument[]): readonly Tree[] {
  const byId = new Map(documents.map((document) => [document.id, document]));
  // A segment may be sent twice: in progress, and finished.
  const all = [...byId.values()].filter(({ name }) => !ONLY_OTEL.test(name));
  const parentOf = (document: SegmentDocument): string | undefined => {
    const parent = byId.get(document.parent_id ?? '');
    if (parent === undefined) return undefined;
    return ONLY_OTEL.test(parent.name) ? parentOf(parent) : parent.id;
  };
  const below = (id: string | undefined): Tree[] =>
    all
      .filter((document) => parentOf(document) === id)
      .map((document) => treeOf(document, below(document.id)))
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  return below(undefined);
}

function treeOf(document: SegmentDocument, children: readonly Tree[]): Tree {
  const plain = PLAIN.filter((field) => !isEmpty(document[field])).map((field) => [
    field,
    document[field],
  ]);
  return {
    name: document.name.replace(PORT, ''),
    ...Object.fromEntries(plain),
    ...part('http', httpOf(document)),
    ...part('sql', sqlOf(document)),
    ...part('aws', awsOf(document)),
    ...part('metadata', metadataOf(document)),
    ...part('exceptions', exceptionsOf(document, children)),
    ...(children.length === 0 ? {} : { children }),
  };
}

function part(name: string, value: unknown): object {
  return isEmpty(value) ? {} : { [name]: value };
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

/** Ports differ from run to run, and the X-Ray SDK leaves them out of the URL of a call. */
const PORT = /:\d{4,5}\b/;

function httpOf({ http }: SegmentDocument): object | undefined {
  if (http === undefined) return undefined;
  const { method, url, x_forwarded_for: forwarded } = http.request ?? {};
  return {
    ...(method ? { method } : {}),
    // The X-Ray SDKs record the query as it is.
    ...(url ? { url: redactUrl(url, KEEP_QUERY).replace(PORT, '') } : {}),
    ...(forwarded ? { x_forwarded_for: true } : {}),
    ...(http.response?.status === undefined ? {} : { status: http.response.status }),
  };
}

const KEEP_QUERY = { stripUrlQuery: false };

function sqlOf({ sql }: SegmentDocument): object | undefined {
  if (sql === undefined) return undefined;
  const { connection_string: connection, url } = sql;
  return {
    ...sql,
    ...(connection ? { connection_string: redactConnectionString(connection) } : {}),
    ...(url ? { url: redactConnectionString(url) } : {}),
  };
}

/** The X-Ray SDK counts the first attempt as a retry. */
const AWS = ['operation', 'region', 'table_name', 'request_id'] as const;

function awsOf({ aws, namespace }: SegmentDocument): object | undefined {
  if (aws === undefined || namespace !== 'aws') return undefined;
  return Object.fromEntries(AWS.filter((name) => aws[name]).map((name) => [name, aws[name]]));
}

/** OpenTelemetry's own names are what migration.md calls "metadata is fuller". */
function metadataOf({ metadata = {} }: SegmentDocument): object {
  const own = Object.entries(metadata).map(([namespace, entries]) => [
    namespace,
    Object.fromEntries(Object.entries(entries).filter(([key]) => !/^[a-z_]+\.[a-z_.]+$/.test(key))),
  ]);
  return Object.fromEntries(own.filter(([, entries]) => Object.keys(entries as object).length > 0));
}

/**
 * An error that passes through several subsegments is shown on each; the X-Ray SDK shows it on the
 * innermost. A text as error has the type `string`, and none there.
 */
function exceptionsOf({ cause }: SegmentDocument, children: readonly Tree[]): readonly object[] {
  if (cause === undefined || typeof cause === 'string') return [];
  const below = JSON.stringify(children);
  return (cause.exceptions ?? [])
    .map(({ type, message, remote }) => ({
      ...(type && type !== 'string' ? { type } : {}),
      ...(message === undefined ? {} : { message: redactUrlsIn(message) }),
      ...(remote ? { remote } : {}),
    }))
    .filter((exception) => !below.includes(JSON.stringify(exception)));
}
