/** Fills a buffer with random bytes; `crypto.randomFillSync`. */
export type FillRandom = (bytes: Uint8Array) => void;

export interface XRayIdGenerator {
  /** 32 hex digits, of which the first eight are the time in seconds, as X-Ray asks for. */
  generateTraceId(): string;
  /** 16 hex digits, never all zero. */
  generateSpanId(): string;
}

/** Random bytes are drawn in blocks: one draw costs as much as a thousand ids. */
const BLOCK_BYTES = 4_096;
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Makes ids that X-Ray takes, from the randomness of `crypto`. */
export function xrayIdGenerator(
  nowMs: () => number = Date.now,
  fill: FillRandom = fillRandom,
): XRayIdGenerator {
  const block = new Uint8Array(BLOCK_BYTES);
  let at = BLOCK_BYTES;
  const randomHex = (bytes: number): string => {
    if (at + bytes > BLOCK_BYTES) {
      fill(block);
      at = 0;
    }
    let hex = '';
    for (const end = at + bytes; at < end; at += 1) hex += HEX[block[at] as number];
    return hex;
  };
  return {
    generateTraceId() {
      const seconds = Math.floor(nowMs() / 1000) % 0x1_0000_0000;
      return seconds.toString(16).padStart(8, '0') + randomHex(12);
    },
    generateSpanId() {
      const id = randomHex(8);
      return id === '0000000000000000' ? '0000000000000001' : id;
    },
  };
}

function fillRandom(bytes: Uint8Array): void {
  process.getBuiltinModule('node:crypto').randomFillSync(bytes);
}

const generator = xrayIdGenerator();

export function randomSpanId(): string {
  return generator.generateSpanId();
}
