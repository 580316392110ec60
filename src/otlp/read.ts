import type {
  HighResolutionTime,
  SpanAttributes,
  SpanEvent,
  SpanIdentity,
  SpanLink,
  TranslatableSpan,
} from '../translator/span.ts';

/** Bits of `flags`: whether the sender knows where the parent is, and that it is remote. */
const REMOTE_IS_KNOWN = 0x100;
const IS_REMOTE = 0x200;

/**
 * Reads an OTLP/JSON trace request (`ExportTraceServiceRequest`, hex ids).
 *
 * @param text one JSON object
 * @returns its spans, in the order of the request
 * @throws {SyntaxError} when the text is not JSON
 * @throws {TypeError} when it is JSON but no trace request; the message says where
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function readTraceRequest(text: string): readonly TranslatableSpan[] {
  const request = object(JSON.parse(text), 'request');
  const spans: TranslatableSpan[] = [];
  for (const [i, resourceSpans] of list(request, 'resourceSpans').entries()) {
    const at = `resourceSpans[${i}]`;
    const holder = object(resourceSpans, at);
    // One object for all spans of the resource: what follows from it is worked out once.
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

/** OTLP counts from "unspecified", the API from INTERNAL; names of the enum are accepted too. */
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

/** Nanoseconds since the epoch, as text or number. */
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

/** A list of `{ key, value }`; the last of equal keys counts, and none can reach a prototype. */
function keyValues(value: unknown): SpanAttributes {
  if (!Array.isArray(value)) return {};
  const pairs = value
    .filter((pair): pair is Json => isObject(pair) && typeof pair['key'] === 'string')
    .map((pair) => [pair['key'] as string, anyValue(pair['value'])]);
  return Object.fromEntries(pairs);
}

/** OTLP's `AnyValue`; an empty one is `null`. */
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

/** A 64-bit integer, as text or number; a bigint where a number would not be exact. */
function integer(value: unknown): number | bigint {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) {
    const exact = BigInt(value);
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  return Number(value);
}

/** JSON has no NaN and no infinities: they come as text. */
function double(value: unknown): number {
  return value === null ? Number.NaN : Number(value);
}

function bytes(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(textOr(value, ''), 'base64'));
}

function list(holder: Json, key: string): readonly unknown[] {
  const value = holder[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`no trace request: ${key} is not a list`);
  return value;
}

function object(value: unknown, what: string): Json {
  if (isObject(value)) return value;
  throw new TypeError(`no trace request: ${what} is not an object`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
