/**
 * Limits how many bytes are sent per millisecond.
 *
 * The daemon's socket buffers about 98 KB of payload and silently drops the rest. Sending 64 KB at
 * once and 32 KB per millisecond afterwards lost nothing (docs/spec/performance.md).
 */
export interface RateLimiter {
  /** Reserves the bytes of one datagram. Returns `false`, and reserves nothing, over the limit. */
  tryAcquire(bytes: number, nowMs: number): boolean;
  /** Milliseconds until {@link tryAcquire} of this many bytes can succeed. */
  delayMs(bytes: number, nowMs: number): number;
}

/** The bucket holds this many milliseconds of tokens, so that a late timer costs no throughput. */
const BURST_MS = 2;
/** Multiplies the rate while the kernel shows that the receiver keeps up. */
const VISIBLE_RECEIVER_FACTOR = 2;
/** Kernel memory that a socket's receive buffer needs per byte of payload, about. */
export const KERNEL_BYTES_PER_BYTE = 2.17;
/** Headers and kernel bookkeeping of a datagram, in the same allocation as its payload. */
const KERNEL_OVERHEAD_BYTES = 384;
/** Larger datagrams are kept in pages, with little overhead. */
const LARGEST_SLAB_BYTES = 16_384;

/**
 * Returns what a datagram costs in the receiver's buffer, in bytes of average payload.
 *
 * Linux accounts the allocated memory: a power of two that holds payload, headers and bookkeeping.
 * 800 bytes of payload take 2.3 KB, 600 bytes take 1.3 KB.
 */
export function chargeBytes(bytes: number): number {
  const slab = bytes + KERNEL_OVERHEAD_BYTES;
  if (slab > LARGEST_SLAB_BYTES) return bytes;
  return Math.max(bytes, (256 + (1 << (32 - Math.clz32(slab - 1)))) / KERNEL_BYTES_PER_BYTE);
}

/**
 * Creates a token bucket that fills with `bytesPerMs`, twice as fast while the receiver is visible.
 *
 * @throws {TypeError} if `bytesPerMs` is not a positive number
 */
export function createRateLimiter(
  bytesPerMs: number,
  receiver?: { readonly visible: boolean },
): RateLimiter {
  if (!(bytesPerMs > 0))
    throw new TypeError(`bytesPerMs: ${bytesPerMs}; expected a positive number`);
  const capacity = bytesPerMs * BURST_MS;
  let tokens = capacity;
  let filledAtMs = Number.NEGATIVE_INFINITY;

  /** A datagram larger than the bucket is sent when the bucket is full. */
  const costOf = (bytes: number) => Math.min(chargeBytes(bytes), capacity);
  const refill = (nowMs: number) => {
    // All datagrams of a burst have one time.
    if (nowMs === filledAtMs) return;
    const factor = receiver?.visible ? VISIBLE_RECEIVER_FACTOR : 1;
    // A clock that goes backwards must not stop the refill.
    const elapsedMs = Math.max(0, nowMs - filledAtMs);
    tokens = Math.min(capacity, tokens + elapsedMs * bytesPerMs * factor);
    filledAtMs = nowMs;
  };
  return {
    tryAcquire(bytes, nowMs) {
      refill(nowMs);
      const cost = costOf(bytes);
      if (tokens < cost) return false;
      tokens -= cost;
      return true;
    },
    delayMs(bytes, nowMs) {
      refill(nowMs);
      return Math.max(1, (costOf(bytes) - tokens) / bytesPerMs);
    },
  };
}
