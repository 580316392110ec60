import { xrayForm } from '../../trace-id.ts';

/** Returns a valid W3C trace id in lower case; `undefined` for any other value. */
export function w3cTraceId(traceId: unknown): string | undefined {
  if (traceId === lastTraceId) return lastValid;
  const valid = lowerHex(traceId, 32);
  if (valid === undefined) return undefined;
  lastTraceId = traceId;
  lastValid = valid;
  lastForm = undefined;
  return valid;
}

/** Returns X-Ray's form of a W3C trace id; `undefined` for any other value. */
export function xrayTraceId(traceId: unknown): string | undefined {
  const valid = w3cTraceId(traceId);
  if (valid === undefined) return undefined;
  lastForm ??= xrayForm(valid);
  return lastForm;
}

/** The last trace id: the spans of a trace mostly follow each other. */
let lastTraceId: unknown;
let lastValid: string | undefined;
let lastForm: string | undefined;

/** Returns a valid span id in lower case; `undefined` for any other value. */
export function segmentId(spanId: unknown): string | undefined {
  return lowerHex(spanId, 16);
}

/** Returns the time in a W3C trace id that an X-Ray id generator created, in epoch seconds. */
export function traceIdSeconds(traceId: string): number {
  return Number.parseInt(traceId.slice(0, 8), 16);
}

/** The last random id. `toString(16)` of numbers of this size takes three times as long. */
const random = Buffer.alloc(8);

/** Returns a random id for a segment or an exception; not for secrets. */
export function randomSegmentId(): string {
  random.writeUInt32BE(Math.floor(Math.random() * 0x1_0000_0000));
  // Never all zero.
  random.writeUInt32BE(Math.floor(Math.random() * 0xffff_ffff) + 1, 4);
  return random.toString('hex');
}

const ZERO = 1;
const LOWER = 2;
const UPPER = 4;
const OTHER = 8;
/** Class of each ASCII character: for random digits a table is faster than comparisons. */
const KINDS = new Uint8Array(128).fill(OTHER);
for (const character of 'ABCDEF') KINDS[character.charCodeAt(0)] = UPPER;
for (const character of '123456789abcdef') KINDS[character.charCodeAt(0)] = LOWER;
KINDS['0'.charCodeAt(0)] = ZERO;

/** The bit in which letters of both cases differ; it is set in digits. */
const LOWER_CASE = 0x20;

/**
 * Returns the same as {@link segmentId}, and writes it, which takes less time than to read it twice.
 * Something may be written for an invalid value as well.
 */
export function copySegmentId(into: Uint8Array, at: number, spanId: unknown): string | undefined {
  if (typeof spanId !== 'string' || spanId.length !== 16) return undefined;
  let kinds = 0;
  for (let i = 0; i < 16; i += 1) {
    const code = spanId.charCodeAt(i);
    kinds |= KINDS[code] ?? OTHER;
    into[at + i] = code | LOWER_CASE;
  }
  if (kinds === ZERO || kinds >= OTHER) return undefined;
  return kinds >= UPPER ? spanId.toLowerCase() : spanId;
}

function lowerHex(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length) return undefined;
  let kinds = 0;
  for (let i = 0; i < length; i += 1) kinds |= KINDS[value.charCodeAt(i)] ?? OTHER;
  if (kinds === ZERO || kinds >= OTHER) return undefined;
  return kinds >= UPPER ? value.toLowerCase() : value;
}
