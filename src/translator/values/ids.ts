import { xrayForm } from '../../trace-id.ts';

/** X-Ray's form of a W3C trace id: `1-` + 8 hex + `-` + 24 hex; `undefined` when it is no trace id. */
export function xrayTraceId(traceId: unknown): string | undefined {
  if (traceId === last.traceId) return last.formatted;
  const hex = lowerHex(traceId, 32);
  if (hex === undefined) return undefined;
  const formatted = xrayForm(hex);
  last = { traceId, formatted };
  return formatted;
}

/** The spans of a batch mostly belong to few traces, one after the other. */
let last: { readonly traceId: unknown; readonly formatted: string | undefined } = {
  traceId: undefined,
  formatted: undefined,
};

/** 16 lower-case hex digits that are not all zero; `undefined` when it is no span id. */
export function segmentId(spanId: unknown): string | undefined {
  return lowerHex(spanId, 16);
}

/** The moment that X-Ray reads from a trace id, in epoch seconds. */
export function traceIdSeconds(xrayId: string): number {
  return Number.parseInt(xrayId.slice(2, 10), 16);
}

/** A random id of a segment or an exception; good enough where ids need not be secret. */
export function randomSegmentId(): string {
  const high = Math.floor(Math.random() * 0x1_0000_0000);
  // Never all zero.
  const low = Math.floor(Math.random() * 0xffff_ffff) + 1;
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

const ZERO = 1;
const LOWER = 2;
const UPPER = 4;
const OTHER = 8;
/** What each ASCII character is; random digits are looked up faster than they are told apart. */
const KINDS = new Uint8Array(128).fill(OTHER);
for (const character of 'ABCDEF') KINDS[character.charCodeAt(0)] = UPPER;
for (const character of '123456789abcdef') KINDS[character.charCodeAt(0)] = LOWER;
KINDS['0'.charCodeAt(0)] = ZERO;

function lowerHex(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length) return undefined;
  let kinds = 0;
  for (let i = 0; i < length; i += 1) kinds |= KINDS[value.charCodeAt(i)] ?? OTHER;
  if (kinds === ZERO || kinds >= OTHER) return undefined;
  return kinds >= UPPER ? value.toLowerCase() : value;
}
