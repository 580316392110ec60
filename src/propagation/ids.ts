import { untraced } from '../untraced.ts';

/** Fills a buffer with random bytes that nobody can foresee. */
export type FillRandom = (bytes: Uint8Array) => void;

export interface XRayIdGenerator {
  /** 32 hex digits, of which the first eight are the time in seconds, as X-Ray asks for. */
  generateTraceId(): string;
  /** 16 hex digits, never all zero. */
  generateSpanId(): string;
}

/** Random bytes are drawn in blocks: one draw costs as much as a hundred ids. */
const BLOCK_BYTES = 4_096;
const TIME_DIGITS = 8;
const DIGITS: readonly number[] = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));
const ZERO = DIGITS[0] as number;
const ONE = DIGITS[1] as number;

/** Makes ids that X-Ray takes, from the randomness of the system. */
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
  const span = Array.from({ length: 16 }, () => ZERO);
  let lastSeconds = 0;
  // An id is made in one step: one that is put together of digits is a tree of them until it is read.
  return {
    generateTraceId() {
      const seconds = Math.floor(nowMs() / 1000) % 0x1_0000_0000;
      if (seconds !== lastSeconds) writeHex(trace, seconds, TIME_DIGITS);
      lastSeconds = seconds;
      randomDigits(trace, TIME_DIGITS);
      return String.fromCharCode(...trace);
    },
    generateSpanId() {
      if (randomDigits(span, 0)) span[span.length - 1] = ONE;
      return String.fromCharCode(...span);
    },
  };
}

function writeHex(codes: number[], value: number, digits: number): void {
  const hex = value.toString(16).padStart(digits, '0');
  for (let index = 0; index < digits; index += 1) codes[index] = hex.charCodeAt(index);
}

/** To load `node:crypto` would take 3 ms of the first request; the system's own source takes 0.03. */
const SOURCE = '/dev/urandom';

function fillRandom(bytes: Uint8Array): void {
  // Traced, to open the file would ask for an id.
  const isFilled = untraced(() => filledFrom(SOURCE, bytes));
  if (!isFilled) process.getBuiltinModule('node:crypto').randomFillSync(bytes);
}

/** @returns `false` where there is no such source, or none for us */
function filledFrom(path: string, bytes: Uint8Array): boolean {
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs');
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
