import type { ByteWriter } from './byte-writer.ts';

/**
 * Writes a value as UTF-8 JSON: the same text as `JSON.stringify`, without creating the string.
 *
 * @throws {TypeError} for a bigint, as `JSON.stringify` does; {RangeError} for a cycle
 */
export function writeJson(out: ByteWriter, value: unknown): void {
  switch (typeof value) {
    case 'string':
      writeString(out, value);
      return;
    case 'number':
      writeNumber(out, value);
      return;
    case 'boolean':
      out.writeAscii(value ? 'true' : 'false');
      return;
    case 'object':
      if (value === null) out.writeAscii('null');
      else if (Array.isArray(value)) writeArray(out, value);
      else writeObject(out, value as Record<string, unknown>);
      return;
    default:
      // `undefined`, functions and symbols have no JSON: `null` in an array, omitted in an object.
      out.writeText(JSON.stringify(value) ?? 'null');
  }
}

/** Up to this length a loop is faster than a call into the runtime. */
const SHORT = 48;
/** Characters that need no escape and take one byte. */
const PLAIN = /^[ !#-[\]-~]*$/;
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const DOT = 46;
const ZERO = 48;

export function writeString(out: ByteWriter, text: string): void {
  const { length } = text;
  out.reserve(length + 2);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = QUOTE;
  if (length <= SHORT) {
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 32 || code > 126 || code === QUOTE || code === BACKSLASH) {
        out.writeText(JSON.stringify(text));
        return;
      }
      bytes[at++] = code;
    }
  } else if (PLAIN.test(text)) at += bytes.write(text, at, 'latin1');
  else {
    out.writeText(JSON.stringify(text));
    return;
  }
  bytes[at++] = QUOTE;
  out.length = at;
}

/** Epoch seconds from 2004 to 2106; doubles in this range are 2^-22 or 2^-21 apart. */
const FIRST_TIME = 2 ** 30;
const AFTER_LAST_TIME = 2 ** 32;
/**
 * If the value is this close to six decimals (less than half the distance between two doubles),
 * these six decimals are the shortest representation.
 */
const NEAR_MICROS = 0.1;

export function writeNumber(out: ByteWriter, value: number): void {
  if (value >= 0 && value < 1e9 && Number.isInteger(value)) {
    writeDigits(out, value, digitsOf(value));
    return;
  }
  if (value >= FIRST_TIME && value < AFTER_LAST_TIME) {
    const seconds = Math.floor(value);
    const exact = (value - seconds) * 1e6;
    const micros = Math.round(exact);
    if (Math.abs(exact - micros) < NEAR_MICROS && micros < 1e6) {
      writeTime(out, seconds, micros);
      return;
    }
  }
  out.writeAscii(Number.isFinite(value) ? String(value) : 'null');
}

/** The digits of 000 to 999. */
const TRIPLES = new Uint8Array(3_000);
for (let value = 0; value < 1_000; value += 1) {
  TRIPLES[value * 3] = ZERO + Math.floor(value / 100);
  TRIPLES[value * 3 + 1] = ZERO + (Math.floor(value / 10) % 10);
  TRIPLES[value * 3 + 2] = ZERO + (value % 10);
}
export const SECONDS_DIGITS = 10;
/** The digits of the last second written; consecutive times usually share it. */
const lastDigits: Uint8Array = new Uint8Array(SECONDS_DIGITS);
let lastSeconds = 0;

/** Writes microseconds since 1970 as seconds, like `writeNumber(out, micros / 1e6)`. */
export function writeMicros(out: ByteWriter, micros: number): void {
  const seconds = Math.floor(micros / 1e6);
  const rest = micros - seconds * 1e6;
  if (isUsualTime(seconds, rest)) writeTime(out, seconds, rest);
  else writeNumber(out, micros / 1e6);
}

/** Returns whether a time can be written as ten digits of seconds and a fraction. */
export function isUsualTime(seconds: number, micros: number): boolean {
  return seconds >= FIRST_TIME && seconds < AFTER_LAST_TIME && Number.isInteger(micros);
}

/** Writes ten digits of seconds, then the microseconds without trailing zeros. */
function writeTime(out: ByteWriter, seconds: number, micros: number): void {
  out.reserve(SECONDS_DIGITS);
  if (seconds !== lastSeconds) lastDigits.set(Buffer.from(String(seconds)));
  lastSeconds = seconds;
  const { bytes } = out;
  const at = out.length;
  for (let index = 0; index < SECONDS_DIGITS; index += 1) {
    bytes[at + index] = lastDigits[index] as number;
  }
  out.length = at + SECONDS_DIGITS;
  writeFraction(out, micros);
}

/** Writes whole microseconds behind whole seconds, without trailing zeros. */
export function writeFraction(out: ByteWriter, micros: number): void {
  if (micros === 0) return;
  out.reserve(7);
  const { bytes } = out;
  let at = out.length;
  const high = (micros / 1_000) | 0;
  bytes[at] = DOT;
  writeTriple(bytes, at + 1, high);
  writeTriple(bytes, at + 4, micros - high * 1_000);
  at += 7;
  while (bytes[at - 1] === ZERO) at -= 1;
  out.length = at;
}

function writeTriple(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = TRIPLES[value * 3] as number;
  bytes[at + 1] = TRIPLES[value * 3 + 1] as number;
  bytes[at + 2] = TRIPLES[value * 3 + 2] as number;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}

/** Writes a whole number below 2^31 with leading zeros. */
function writeDigits(out: ByteWriter, value: number, digits: number): void {
  out.reserve(digits);
  const { bytes } = out;
  const end = out.length + digits;
  let rest = value | 0;
  for (let at = end - 1; at >= end - digits; at -= 1) {
    const tenth = (rest / 10) | 0;
    bytes[at] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  out.length = end;
}

function writeArray(out: ByteWriter, list: readonly unknown[]): void {
  out.writeByte(91);
  for (let index = 0; index < list.length; index += 1) {
    if (index > 0) out.writeByte(COMMA);
    writeJson(out, list[index]);
  }
  out.writeByte(93);
}

function writeObject(out: ByteWriter, object: Record<string, unknown>): void {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    // Dates, boxed primitives and other class instances.
    out.writeText(JSON.stringify(object) ?? 'null');
    return;
  }
  const start = out.length;
  if (!writeMembers(out, object)) {
    out.length = start;
    out.writeText(JSON.stringify(object) ?? 'null');
    return;
  }
  out.closeObject(start);
}

/**
 * Writes the fields of an object, each preceded by a comma.
 *
 * @param except a key to leave out
 * @returns `false` if the object has a `toJSON` method
 */
export function writeMembers(
  out: ByteWriter,
  object: Readonly<Record<string, unknown>>,
  except?: string,
): boolean {
  // Faster than `Object.keys`; inherited keys are not part of the JSON.
  for (const key in object) {
    if (key === except || !Object.hasOwn(object, key)) continue;
    const value = object[key];
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
      if (key === 'toJSON' && typeof value === 'function') return false;
      continue;
    }
    writeKey(out, key);
    writeJson(out, value);
  }
  return true;
}

/** Writes `,"key":`. */
function writeKey(out: ByteWriter, key: string): void {
  out.writeByte(COMMA);
  writeString(out, key);
  out.writeByte(COLON);
}
