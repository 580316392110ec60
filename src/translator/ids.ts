/** X-Ray's form of a W3C trace id: `1-` + 8 hex + `-` + 24 hex; `undefined` when it is no trace id. */
export function xrayTraceId(traceId: unknown): string | undefined {
  if (traceId === last.traceId) return last.formatted;
  const hex = lowerHex(traceId, 32);
  if (hex === undefined) return undefined;
  const formatted = `1-${hex.slice(0, 8)}-${hex.slice(8)}`;
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
export function cheapRandomId(): string {
  const high = Math.floor(Math.random() * 0x1_0000_0000);
  // Never all zero.
  const low = Math.floor(Math.random() * 0xffff_ffff) + 1;
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

function lowerHex(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length) return undefined;
  let upper = false;
  let zero = true;
  for (let i = 0; i < length; i += 1) {
    const code = value.charCodeAt(i);
    if (code !== 48) zero = false;
    if (code >= 48 && code <= 57) continue;
    if (code >= 97 && code <= 102) continue;
    if (code < 65 || code > 70) return undefined;
    upper = true;
  }
  if (zero) return undefined;
  return upper ? value.toLowerCase() : value;
}
