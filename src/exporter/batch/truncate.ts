import type {
  CauseBlock,
  ExceptionBlock,
  Metadata,
  SegmentDocument,
} from '../../translator/document.ts';
import { truncate, truncateCodePoints } from '../../translator/values/text.ts';

/** A document within the limit, and the names of the steps that changed it. */
export interface TruncatedDocument {
  readonly document: SegmentDocument;
  readonly removed: readonly string[];
}

/** Key of `metadata.default` that lists what was removed. */
const TRUNCATION_KEY = 'xray.truncated';
const RESOURCE_PREFIX = 'otel.resource.';

interface Step {
  readonly name: string;
  /**
   * Removes a part of the document.
   *
   * @param excess bytes above the limit
   * @returns the same document if there is nothing to remove
   */
  readonly apply: (document: SegmentDocument, excess: number) => SegmentDocument;
}

/**
 * The steps in the order in which they are applied. The least useful parts are removed first
 * (docs/spec/translation.md section 10).
 */
const STEPS: readonly Step[] = [
  { name: 'frames over 25', apply: (document) => withFrames(document, 25) },
  { name: 'frames over 10', apply: (document) => withFrames(document, 10) },
  { name: 'events', apply: withoutEvents },
  { name: 'resource', apply: withoutResource },
  { name: 'long strings', apply: withShortStrings },
  { name: 'metadata', apply: withoutLargestNamespaces },
  { name: 'links', apply: withoutLinks },
  { name: 'query and url', apply: withShortAddresses },
  { name: 'exceptions', apply: withOneException },
  { name: 'annotations', apply: withFewerAnnotations },
  { name: 'all but the envelope', apply: minimalDocument },
  { name: 'name', apply: withShortName },
];

/**
 * Removes parts of a document until its JSON has at most `maxBytes` bytes of UTF-8 (B-46).
 *
 * `metadata.default["xray.truncated"]` lists the removed parts, unless all metadata was removed.
 * A document is never dropped because of its size.
 *
 * @param document a flat document; the last steps remove subsegments
 * @param maxBytes maximum size of the JSON without the frame header; at least 1,024
 */
export function truncateDocument(document: SegmentDocument, maxBytes: number): TruncatedDocument {
  let fitted = document;
  const removed: string[] = [];
  for (const { name, apply } of STEPS) {
    const excess = excessOf(fitted, maxBytes);
    if (excess <= 0) break;
    const smaller = apply(fitted, excess);
    if (smaller === fitted) continue;
    removed.push(name);
    fitted = withTruncationNote(smaller, name);
  }
  return { document: fitted, removed };
}

/** Returns the bytes above the limit; 0 or less if the document fits. */
function excessOf(document: SegmentDocument, maxBytes: number): number {
  const json = JSON.stringify(document);
  // A UTF-16 code unit is at most three bytes of UTF-8, so short texts need not be measured.
  return json.length * 3 <= maxBytes ? 0 : Buffer.byteLength(json) - maxBytes;
}

function withTruncationNote(document: SegmentDocument, step: string): SegmentDocument {
  const { metadata } = document;
  if (metadata === undefined) return document;
  const main = metadata['default'] ?? {};
  const before = main[TRUNCATION_KEY];
  const steps = [...(Array.isArray(before) ? before : []), step];
  return { ...document, metadata: { ...metadata, default: { ...main, [TRUNCATION_KEY]: steps } } };
}

function withExceptions(
  document: SegmentDocument,
  change: (exception: ExceptionBlock) => ExceptionBlock,
): SegmentDocument {
  const { cause } = document;
  if (typeof cause !== 'object') return document;
  const exceptions = cause.exceptions.map(change);
  if (exceptions.every((exception, i) => exception === cause.exceptions[i])) return document;
  return { ...document, cause: { ...cause, exceptions } };
}

function withFrames(document: SegmentDocument, most: number): SegmentDocument {
  return withExceptions(document, (exception) => {
    const { stack = [], truncated = 0 } = exception;
    if (stack.length <= most) return exception;
    const left = stack.length - most;
    return { ...exception, truncated: truncated + left, stack: stack.slice(0, most) };
  });
}

function withMetadata(document: SegmentDocument, metadata: Metadata): SegmentDocument {
  return { ...document, metadata: Object.keys(metadata).length === 0 ? undefined : metadata };
}

function withoutEvents(document: SegmentDocument): SegmentDocument {
  const { events, ...others } = document.metadata ?? {};
  return events === undefined ? document : withMetadata(document, others);
}

function withoutResource(document: SegmentDocument): SegmentDocument {
  const { default: main = {}, ...others } = document.metadata ?? {};
  const kept = Object.entries(main).filter(([key]) => !key.startsWith(RESOURCE_PREFIX));
  if (kept.length === Object.keys(main).length) return document;
  // An empty namespace is not written. If others remain, the note about this step adds it again.
  return withMetadata(document, { default: Object.fromEntries(kept), ...others });
}

/** Truncates metadata strings and exception messages to 1,024 characters, the query to 4,096. */
function withShortStrings(document: SegmentDocument): SegmentDocument {
  const { metadata, sql } = document;
  const shortMetadata = metadata === undefined ? undefined : (shortened(metadata) as Metadata);
  const query = sql?.sanitized_query;
  const shortSql =
    query !== undefined && query.length > 4_096
      ? { ...sql, sanitized_query: truncate(query, 4_096) }
      : sql;
  const shortCause = withExceptions(document, (exception) => {
    const { message } = exception;
    if (message === undefined || message.length <= 1_024) return exception;
    return { ...exception, message: truncate(message, 1_024) };
  });
  if (shortMetadata === metadata && shortSql === sql && shortCause === document) return document;
  return { ...shortCause, metadata: shortMetadata, sql: shortSql };
}

/** Truncates the strings in a value. Returns the same value if none is too long. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return truncate(value, 1_024);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(shortened);
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  const entries = Object.entries(value);
  const short = entries.map(([key, item]) => [key, shortened(item)] as const);
  return short.every(([, item], i) => item === entries[i]?.[1]) ? value : Object.fromEntries(short);
}

function withoutLargestNamespaces(document: SegmentDocument, excess: number): SegmentDocument {
  const { metadata } = document;
  if (metadata === undefined) return document;
  const sizes = Object.entries(metadata).map(([name, values]) => ({
    name,
    bytes: Buffer.byteLength(JSON.stringify(name) + JSON.stringify(values)) + 2,
  }));
  sizes.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  const gone = new Set<string>();
  // Leave room for the note about this step.
  let rest = excess + 100;
  for (const { name, bytes } of sizes) {
    if (rest <= 0) break;
    gone.add(name);
    rest -= bytes;
  }
  const kept = Object.entries(metadata).filter(([name]) => !gone.has(name));
  return withMetadata(document, Object.fromEntries(kept));
}

function withoutLinks(document: SegmentDocument): SegmentDocument {
  return document.links === undefined ? document : { ...document, links: undefined };
}

/** Truncates the query to 1,024 characters, URLs to 512. */
function withShortAddresses(document: SegmentDocument): SegmentDocument {
  const { sql, http } = document;
  const request = http?.request;
  const isShort = (text: string | undefined, max: number): boolean =>
    text === undefined || text.length <= max;
  if (
    isShort(sql?.sanitized_query, 1_024) &&
    isShort(sql?.url, 512) &&
    isShort(request?.url, 512)
  ) {
    return document;
  }
  return {
    ...document,
    http:
      request?.url === undefined
        ? http
        : { ...http, request: { ...request, url: truncate(request.url, 512) } },
    sql:
      sql === undefined
        ? undefined
        : {
            ...sql,
            url: sql.url === undefined ? undefined : truncate(sql.url, 512),
            sanitized_query:
              sql.sanitized_query === undefined ? undefined : truncate(sql.sanitized_query, 1_024),
          },
  };
}

/** Keeps only the first exception, without its stack. */
function withOneException(document: SegmentDocument): SegmentDocument {
  const { cause } = document;
  const first = typeof cause === 'object' ? cause.exceptions[0] : undefined;
  if (typeof cause !== 'object' || first === undefined) return document;
  if (cause.exceptions.length === 1 && first.stack === undefined) return document;
  const left = first.stack?.length ?? 0;
  const alone: ExceptionBlock = {
    ...first,
    truncated: (first.truncated ?? 0) + left || undefined,
    cause: undefined,
    stack: undefined,
  };
  return { ...document, cause: { ...(cause as CauseBlock), exceptions: [alone] } };
}

function withFewerAnnotations(document: SegmentDocument, excess: number): SegmentDocument {
  const entries = Object.entries(document.annotations ?? {});
  if (entries.length === 0) return document;
  let rest = excess;
  while (rest > 0 && entries.length > 0) {
    const [key, value] = entries.pop() as [string, unknown];
    rest -= Buffer.byteLength(JSON.stringify(key) + JSON.stringify(value)) + 2;
  }
  return {
    ...document,
    annotations: entries.length === 0 ? undefined : Object.fromEntries(entries),
  };
}

/** Keeps name, ids, times, flags, namespace, and HTTP method and status. */
function minimalDocument(document: SegmentDocument): SegmentDocument {
  const { http } = document;
  const method = http?.request?.method;
  const status = http?.response?.status;
  const envelope: SegmentDocument = {
    name: document.name,
    id: document.id,
    trace_id: document.trace_id,
    parent_id: document.parent_id,
    type: document.type,
    namespace: document.namespace,
    start_time: document.start_time,
    end_time: document.end_time,
    in_progress: document.in_progress,
    error: document.error,
    fault: document.fault,
    throttle: document.throttle,
    http:
      method === undefined && status === undefined
        ? undefined
        : {
            request: method === undefined ? undefined : { method },
            response: status === undefined ? undefined : { status },
          },
  };
  return JSON.stringify(envelope) === JSON.stringify(document) ? document : envelope;
}

/** Shortens the name: 200 characters can be 800 bytes. Needed only for very small limits. */
function withShortName(document: SegmentDocument, excess: number): SegmentDocument {
  let name = document.name;
  const most = Buffer.byteLength(name) - excess;
  while (Buffer.byteLength(name) > most && name.length > 2) {
    name = truncateCodePoints(name, Math.floor([...name].length * 0.8)).trim();
  }
  return { ...document, name };
}
