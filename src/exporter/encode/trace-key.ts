import type { ByteWriter } from './byte-writer.ts';
import { writeString } from './json.ts';

const QUOTE = 34;
const DASH = 45;
const ONE = 49;
const TIME_DIGITS = 8;
const DIGITS = 32;
const WRITTEN_LENGTH = 37;
const XRAY_FORM = /^1-([\da-f]{8})-([\da-f]{24})$/;

/** The last trace id: the documents of a trace follow each other. */
let lastTraceId: string | undefined;
let lastKey = '';

/**
 * Returns the key of a document's trace id: its 32 hex digits, because creating X-Ray's form takes
 * longer than writing it. The key of a trace id without that form is the text in quotes.
 */
export function traceKeyOf(traceId: string | undefined): string | undefined {
  if (traceId === undefined) return undefined;
  if (traceId !== lastTraceId) {
    const [, time, random] = XRAY_FORM.exec(traceId) ?? [];
    lastKey = time === undefined ? `"${traceId}"` : `${time}${random}`;
    lastTraceId = traceId;
  }
  return lastKey;
}

/** Writes the trace id of a key as JSON. */
export function writeTraceKey(out: ByteWriter, key: string): void {
  if (key.charCodeAt(0) === QUOTE) {
    writeString(out, key.slice(1, -1));
    return;
  }
  out.reserve(WRITTEN_LENGTH);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = QUOTE;
  bytes[at++] = ONE;
  bytes[at++] = DASH;
  for (let index = 0; index < TIME_DIGITS; index += 1) bytes[at++] = key.charCodeAt(index);
  bytes[at++] = DASH;
  for (let index = TIME_DIGITS; index < DIGITS; index += 1) bytes[at++] = key.charCodeAt(index);
  bytes[at++] = QUOTE;
  out.length = at;
}
