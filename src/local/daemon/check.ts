import { XRAY_MAX_DOCUMENT_BYTES } from '../../exporter/limits.ts';
import { LIMITS } from '../../translator/limits.ts';
import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { isSubsegmentRecord } from '../trace/entity.ts';
import { XRAY_TRACE_ID } from '../trace/trace-id.ts';

/** Why X-Ray refuses a document, as in `UnprocessedTraceSegments`. */
export interface Refusal {
  readonly code: string;
  /** X-Ray's own wording. */
  readonly message: string;
  /** Detailed reason. */
  readonly reason: string;
  /** The document's id, if it could be read. */
  readonly id: string | undefined;
  readonly traceId: string | undefined;
}

export type Checked =
  | {
      readonly ok: true;
      readonly id: string;
      readonly traceId: string;
      readonly record: JsonObject;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** No SDK writes deeper JSON. The limit protects recursive readers. */
const MAX_JSON_DEPTH = 1_000;

const HEX16 = /^[0-9a-f]{16}$/i;
const NAME = /^[\p{L}\p{N}\s_.:/%&#=+\\\-@]+$/u;

type Rule = readonly [code: string, broken: (document: JsonObject) => string | false];

/** In the order in which X-Ray reports them: identity first. */
const RULES: readonly Rule[] = [
  ['MissingId', (d) => missing(d, 'id')],
  ['InvalidId', (d) => badForm(d, 'id', HEX16, '16 hexadecimal digits')],
  ['MissingTraceId', (d) => missing(d, 'trace_id')],
  [
    'InvalidTraceId',
    (d) => badForm(d, 'trace_id', XRAY_TRACE_ID, '1-8 hexadecimal digits-24 hexadecimal digits'),
  ],
  ['MissingName', (d) => missing(d, 'name')],
  ['InvalidName', invalidName],
  [
    'MissingParentId',
    (d) => (isSubsegmentRecord(d) ? missing(d, 'parent_id', ' of a subsegment') : false),
  ],
  [
    'InvalidParentId',
    (d) => d['parent_id'] !== undefined && badForm(d, 'parent_id', HEX16, '16 hexadecimal digits'),
  ],
  ['MissingStartTime', (d) => missing(d, 'start_time')],
  ['InvalidTime', (d) => badTime(d, 'start_time')],
  [
    'MissingEndTime',
    (d) =>
      d['end_time'] === undefined &&
      d['in_progress'] !== true &&
      'neither end_time nor in_progress: true',
  ],
  ['InvalidTime', (d) => d['end_time'] !== undefined && badTime(d, 'end_time')],
  ['InvalidTime', endsBeforeStart],
];

/**
 * Checks one document against what X-Ray refuses (docs/spec/xray-api.md section 3).
 *
 * @param text one element of `TraceSegmentDocuments`, or the body of a datagram
 * @returns one result, or one for each element where the text is a list of documents
 */
export function checkDocuments(text: string): readonly Checked[] {
  const bytes = Buffer.byteLength(text);
  if (bytes > XRAY_MAX_DOCUMENT_BYTES) {
    return [
      refuseText(
        text,
        'DocumentTooLarge',
        `${bytes} bytes; the limit is ${XRAY_MAX_DOCUMENT_BYTES}`,
      ),
    ];
  }
  if (isTooDeep(text)) {
    return [refuseText(text, 'ParseError', `nested deeper than ${MAX_JSON_DEPTH} levels`)];
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return [refuseText(text, 'ParseError', `not JSON: ${(error as Error).message}`)];
  }
  if (!Array.isArray(value)) return [checkValue(value, text)];
  if (value.length === 0) return [refuseText(text, 'MissingId', 'an empty list')];
  return asList(value).map((element) => checkValue(element, text));
}

function checkValue(value: unknown, text: string): Checked {
  const record = asObject(value);
  if (record === undefined) return refuseText(text, 'ParseError', 'not a JSON object');
  return checkRecord(record);
}

/** Checks a document whatever its size, e.g. one that X-Ray has compiled from many. */
export function checkRecord(record: JsonObject): Checked {
  for (const [code, broken] of RULES) {
    const reason = broken(record);
    if (reason !== false) return { ok: false, refusal: refusal(record, code, reason) };
  }
  return { ok: true, id: record['id'] as string, traceId: record['trace_id'] as string, record };
}

function refusal(record: JsonObject, code: string, reason: string): Refusal {
  const cause = code === 'InvalidName' ? ', Cause: null' : '';
  return {
    code,
    message: `Invalid ${isSubsegmentRecord(record) ? 'subsegment' : 'segment'}. ErrorCode: ${code}${cause}`,
    reason,
    id: asText(record['id']),
    traceId: asText(record['trace_id']),
  };
}

/** Returns a refusal for text that is not valid JSON. A pattern extracts id and type. */
function refuseText(text: string, code: string, reason: string): Checked {
  const find = (field: string) =>
    new RegExp(`"${field}"\\s*:\\s*"([^"\\\\]{1,64})"`).exec(text.slice(0, 100_000))?.[1];
  const record: JsonObject = { id: find('id'), trace_id: find('trace_id'), type: find('type') };
  return { ok: false, refusal: refusal(record, code, reason) };
}

function missing(document: JsonObject, field: string, of = ''): string | false {
  const value = document[field];
  return (value === undefined || value === null || value === '') && `no ${field}${of}`;
}

function badForm(document: JsonObject, field: string, form: RegExp, says: string): string | false {
  const value = document[field];
  return !(typeof value === 'string' && form.test(value)) && `${field} ${show(value)}: not ${says}`;
}

function invalidName(document: JsonObject): string | false {
  const name = document['name'];
  if (typeof name !== 'string') return `name ${show(name)}: not a string`;
  const characters = name.length > LIMITS.name ? [...name].length : name.length;
  if (characters > LIMITS.name) {
    return `name has ${characters} characters; the limit is ${LIMITS.name}`;
  }
  if (NAME.test(name)) return false;
  const wrong = [...name].find((character) => !NAME.test(character)) ?? '';
  return `name ${show(name)}: X-Ray does not allow the character ${show(wrong)}`;
}

function badTime(document: JsonObject, field: string): string | false {
  const value = asNumber(document[field]);
  return (
    !(value !== undefined && value > 0 && value < 1e10) &&
    `${field} ${show(document[field])}: not a number of epoch seconds`
  );
}

function endsBeforeStart(document: JsonObject): string | false {
  const [start, end] = [asNumber(document['start_time']), asNumber(document['end_time'])];
  return (
    start !== undefined &&
    end !== undefined &&
    end < start &&
    `end_time ${end} before start_time ${start}`
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function isTooDeep(text: string): boolean {
  // Each level needs two brackets, so short texts cannot be too deep.
  if (text.length < MAX_JSON_DEPTH * 2) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
