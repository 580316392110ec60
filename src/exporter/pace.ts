/**
 * How many bytes may leave now: a token bucket that fills by `bytesPerMs` and holds two
 * milliseconds of it, so that a late timer does not cost throughput.
 *
 * The daemon's socket holds about 98 KB of payload and loses what comes beyond that without a
 * word; 64 KB at once and 32 KB per millisecond after it lost nothing (spec/performance.md).
 */
export interface Pace {
  /** Takes the bytes of one datagram, or answers `false` and takes nothing. */
  take(bytes: number, nowMs: number): boolean;
  /** Milliseconds until {@link take} of these bytes would succeed; 0 when it would now. */
  waitMs(bytes: number, nowMs: number): number;
}

/** A socket buffer holds about this many bytes of kernel memory per byte of payload. */
const KERNEL_BYTES_PER_BYTE = 2.17;

/**
 * What a datagram takes of the receiver's buffer, as payload of average cost.
 *
 * Linux charges memory, not payload: a power of two that holds payload, headers and its own notes,
 * and for large datagrams whole pages. 800 bytes cost 2.3 KB, where 600 cost 1.3.
 */
function chargeBytes(bytes: number): number {
  const linear = bytes + 384;
  if (linear > 16_384) return bytes;
  return Math.max(bytes, (256 + 2 ** Math.ceil(Math.log2(linear))) / KERNEL_BYTES_PER_BYTE);
}

const BURST_MS = 2;

/** @throws {TypeError} when `bytesPerMs` is not a positive number */
export function createPace(bytesPerMs: number): Pace {
  if (!(bytesPerMs > 0))
    throw new TypeError(`bytesPerMs: ${bytesPerMs}; expected a positive number`);
  const capacity = bytesPerMs * BURST_MS;
  let tokens = capacity;
  let filledAtMs = Number.NEGATIVE_INFINITY;

  /** What a datagram costs; one larger than the bucket goes when the bucket is full. */
  const charge = (bytes: number) => Math.min(chargeBytes(bytes), capacity);
  const fill = (nowMs: number) => {
    // A clock that steps back must not freeze the pace.
    tokens = Math.min(capacity, tokens + Math.max(0, nowMs - filledAtMs) * bytesPerMs);
    filledAtMs = nowMs;
  };
  return {
    take(bytes, nowMs) {
      fill(nowMs);
      const cost = charge(bytes);
      if (tokens < cost) return false;
      tokens -= cost;
      return true;
    },
    waitMs(bytes, nowMs) {
      fill(nowMs);
      return Math.max(0, (charge(bytes) - tokens) / bytesPerMs);
    },
  };
}
