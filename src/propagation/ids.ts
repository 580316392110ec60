import { closeSync, openSync, readSync } from '../real-files.ts';
import { untraced } from '../untraced.ts';

/** Fills a buffer with cryptographically random bytes. */
export type FillRandom = (bytes: Uint8Array) => void;

export interface XRayIdGenerator {
  /** 32 hex digits; the first eight are the time in seconds, as X-Ray requires. */
  generateTraceId(): string;
  /** 16 hex digits, never all zero. */
  generateSpanId(): string;
}

/** Random bytes are read in blocks: one read costs as much as a hundred ids. */
const BLOCK_BYTES = 4_096;
const TIME_DIGITS = 8;
const DIGITS: readonly number[] = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));
const ZERO = DIGITS[0] as number;
const ONE = DIGITS[1] as number;

type Digits16 = [...Digits8, ...Digits8];
type Digits8 = [number, number, number, number, number, number, number, number];

/** Returns a generator of X-Ray ids that reads the system's random source. */
export function xrayIdGenerator(
  nowMs: () => number = Date.now,
  fill: FillRandom = fillRandom,
): XRayIdGenerator {
  const block = new Uint8Array(BLOCK_BYTES);
  let at = BLOCK_BYTES;
  /** @returns whether all digits from `start` are zero */
  const randomDigits = (codes: number[], start: number): boolean => {
    const bytes = (codes.length - start) / 2;
    if (at + bytes > BLOCK_BYTES) {
      fill(block);
      at = 0;
    }
    let all = 0;
    for (let index = start; index < codes.length; index += 2) {
      const byte = block[at] as number;
      at += 1;
      all |= byte;
      codes[index] = DIGITS[byte >> 4] as number;
      codes[index + 1] = DIGITS[byte & 15] as number;
    }
    return all === 0;
  };
  const trace = Array.from({ length: 32 }, () => ZERO);
  const span = Array.from({ length: 16 }, () => ZERO) as Digits16;
  let lastSeconds = 0;
  // One call per id: a string concatenated from digits stays a rope until it is read.
  return {
    generateTraceId() {
      const seconds = Math.floor(nowMs() / 1000) % 0x1_0000_0000;
      if (seconds !== lastSeconds) writeHex(trace, seconds, TIME_DIGITS);
      lastSeconds = seconds;
      randomDigits(trace, TIME_DIGITS);
      return String.fromCharCode(...trace);
    },
    generateSpanId() {
      if (randomDigits(span, 0)) span[15] = ONE;
      return textOf(span);
    },
  };
}

/** Single arguments take half the time of a list. */
function textOf(c: Digits16): string {
  return String.fromCharCode(
    c[0],
    c[1],
    c[2],
    c[3],
    c[4],
    c[5],
    c[6],
    c[7],
    c[8],
    c[9],
    c[10],
    c[11],
    c[12],
    c[13],
    c[14],
    c[15],
  );
}

function writeHex(codes: number[], value: number, digits: number): void {
  const hex = value.toString(16).padStart(digits, '0');
  for (let index = 0; index < digits; index += 1) codes[index] = hex.charCodeAt(index);
}

/** Loading `node:crypto` takes 3 ms of the first request; reading this file takes 0.03 ms. */
const SOURCE = '/dev/urandom';

function fillRandom(bytes: Uint8Array): void {
  // The fs instrumentation would request an id for this read.
  const isFilled = untraced(() => filledFrom(SOURCE, bytes));
  if (!isFilled) process.getBuiltinModule('node:crypto').randomFillSync(bytes);
}

/** @returns `false` if the source does not exist or cannot be read */
function filledFrom(path: string, bytes: Uint8Array): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      return readSync(file, bytes) === bytes.length;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

const generator = xrayIdGenerator();

export function randomSpanId(): string {
  return generator.generateSpanId();
}
