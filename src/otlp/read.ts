import type {
  HighResolutionTime,
  SpanAttributes,
  SpanEvent,
  SpanIdentity,
  SpanLink,
  TranslatableSpan,
} from '../translator/span.ts';

/** Bits of `flags`: whether the remote state of the parent is known, and whether it is remote. */
const REMOTE_IS_KNOWN = 0x100;
const IS_REMOTE = 0x200;

/**
 * Reads an OTLP/JSON trace request (`ExportTraceServiceRequest`, hex ids).
 *
 * @param text one JSON object
 * @returns its spans, in the order of the request
 * @throws {SyntaxError} if the text is not JSON
 * @throws {TypeError} if it is not a trace request; the message names the invalid field
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function readTraceRequest(text: string): readonly TranslatableSpan[] {
  const request = object(JSON.parse(text), 'request');
  const spans: TranslatableSpan[] = [];
  for (const [i, resourceSpans] of list(request, 'resourceSpans').entries()) {
    const at = `resourceSpans[${i}]`;
    const holder = object(resourceSpans, at);
    // The spans share one object, so that values derived from the resource can be cached.
    const resource = { attributes: resourceAttributes(holder, at) };
    for (const scopeSpans of list(holder, 'scopeSpans')) {
      for (const item of list(object(scopeSpans, `${at}.scopeSpans`), 'spans')) {
        spans.push(readSpan(object(item, `${at} span`), resource));
      }
    }
  }
  return spans;
}

type Json = Readonly<Record<string, unknown>>;

function readSpan(item: Json, resource: TranslatableSpan['resource']): TranslatableSpan {
  const traceId = textOr(item['traceId'], '');
  const identity = { traceId, spanId: textOr(item['spanId'], '') };
  const status = isObject(item['status']) ? item['status'] : {};
  return {
    name: textOr(item['name'], ''),
    kind: spanKind(item['kind']),
    spanContext: () => identity,
    parentSpanContext: parentOf(item, traceId),
    startTime: time(item['startTimeUnixNano']),
    endTime: time(item['endTimeUnixNano']),
    status: { code: statusCode(status['code']), message: textOr(status['message'], '') },
    attributes: attributesOf(item),
    links: list(item, 'links').filter(isObject).map(readLink),
    events: list(item, 'events').filter(isObject).map(readEvent),
    resource,
  };
}

function parentOf(item: Json, traceId: string): SpanIdentity | undefined {
  const spanId = textOr(item['parentSpanId'], '');
  if (spanId === '') return undefined;
  const flags = Number(item['flags'] ?? 0);
  const isKnown = (flags & REMOTE_IS_KNOWN) !== 0;
  return { traceId, spanId, isRemote: isKnown ? (flags & IS_REMOTE) !== 0 : undefined };
}

function readLink(link: Json): SpanLink {
  return {
    context: { traceId: textOr(link['traceId'], ''), spanId: textOr(link['spanId'], '') },
    attributes: attributesOf(link),
  };
}

function readEvent(event: Json): SpanEvent {
  return {
    name: textOr(event['name'], ''),
    time: time(event['timeUnixNano']),
    attributes: attributesOf(event),
  };
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/** In OTLP, 0 is UNSPECIFIED; in the API, 0 is INTERNAL. Names of the enum are also accepted. */
function spanKind(value: unknown): number {
  if (typeof value === 'string' && !/^\d+$/.test(value)) {
    return KINDS.indexOf(value.replace('SPAN_KIND_', '')) - 1;
  }
  const kind = Number(value ?? 0);
  return kind >= 0 && kind <= 5 ? kind - 1 : -1;
}

function statusCode(value: unknown): number {
  if (value === 'STATUS_CODE_ERROR') return 2;
  if (value === 'STATUS_CODE_OK') return 1;
  return Number(value ?? 0);
}

/** Parses nanoseconds since the epoch, a string or a number. */
function time(value: unknown): HighResolutionTime {
  const digits = typeof value === 'number' ? value.toFixed(0) : textOr(value, '0').trim();
  if (!/^-?\d{1,30}$/.test(digits)) return [Number.NaN, 0];
  const nanoseconds = BigInt(digits);
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
}

function resourceAttributes(holder: Json, at: string): SpanAttributes {
  const { resource } = holder;
  return resource === undefined || resource === null
    ? {}
    : attributesOf(object(resource, `${at}.resource`));
}

function attributesOf(holder: Json): SpanAttributes {
  return keyValues(holder['attributes']);
}

/** Reads a list of `{ key, value }`. The last of equal keys applies. No key can set a prototype. */
function keyValues(value: unknown): SpanAttributes {
  if (!Array.isArray(value)) return {};
  const pairs = value
    .filter((pair): pair is Json => isObject(pair) && typeof pair['key'] === 'string')
    .map((pair) => [pair['key'] as string, anyValue(pair['value'])]);
  return Object.fromEntries(pairs);
}

/** Reads an OTLP `AnyValue`. An empty one is `null`. */
function anyValue(value: unknown): unknown {
  if (!isObject(value)) return null;
  if (value['stringValue'] !== undefined) return String(value['stringValue']);
  if (value['boolValue'] !== undefined) return value['boolValue'] === true;
  if (value['intValue'] !== undefined) return integer(value['intValue']);
  if (value['doubleValue'] !== undefined) return double(value['doubleValue']);
  if (value['bytesValue'] !== undefined) return bytes(value['bytesValue']);
  if (isObject(value['arrayValue'])) return list(value['arrayValue'], 'values').map(anyValue);
  if (isObject(value['kvlistValue'])) return keyValues(value['kvlistValue']['values']);
  return null;
}

/** Parses a 64-bit integer, a string or a number. Returns a bigint if a number is not exact. */
function integer(value: unknown): number | bigint {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) {
    const exact = BigInt(value);
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  return Number(value);
}

/** JSON has no NaN and infinities; OTLP encodes them as strings. */
function double(value: unknown): number {
  return value === null ? Number.NaN : Number(value);
}

function bytes(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(textOr(value, ''), 'base64'));
}

function list(holder: Json, key: string): readonly unknown[] {
  const value = holder[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`not a trace request: ${key} is not an array`);
  return value;
}

function object(value: unknown, what: string): Json {
  if (isObject(value)) return value;
  throw new TypeError(`not a trace request: ${what} is not an object`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
