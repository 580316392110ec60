import type { ReadReceiveQueue } from './receive-queue.ts';

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
/** Multiplies the rate while the kernel shows the receive queue and the receiver keeps up. */
const VISIBLE_RECEIVER_FACTOR = 2;
/** The receive queue is read again after sending this many bytes. */
const CHECK_AFTER_BYTES = 48 * 1024;
/** With more than this in its receive queue, the receiver has to catch up first. */
const BACKLOG_BYTES = 24 * 1024;
/** A receiver with a backlog for this long has stopped reading; sending continues. */
const STUCK_MS = 1_000;
/** A receiver has drained its queue when nothing was sent for this long. */
const IDLE_MS = 50;
/** Kernel memory that a socket's receive buffer needs per byte of payload, about. */
const KERNEL_BYTES_PER_BYTE = 2.17;
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
  return Math.max(bytes, (256 + 2 ** Math.ceil(Math.log2(slab))) / KERNEL_BYTES_PER_BYTE);
}

/**
 * Creates a token bucket that fills with `bytesPerMs`. Where the kernel shows the receive queue, it
 * also waits while that queue holds a backlog, for example because the daemon gets no CPU time.
 *
 * @throws {TypeError} if `bytesPerMs` is not a positive number
 */
export function createRateLimiter(
  bytesPerMs: number,
  readReceiver?: ReadReceiveQueue,
): RateLimiter {
  if (!(bytesPerMs > 0))
    throw new TypeError(`bytesPerMs: ${bytesPerMs}; expected a positive number`);
  const capacity = bytesPerMs * BURST_MS;
  let tokens = capacity;
  let filledAtMs = Number.NEGATIVE_INFINITY;
  let bytesSinceCheck = 0;
  let receiverVisible = false;
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let backlogSinceMs = Number.POSITIVE_INFINITY;

  /** A datagram larger than the bucket is sent when the bucket is full. */
  const costOf = (bytes: number) => Math.min(chargeBytes(bytes), capacity);
  const refill = (nowMs: number) => {
    const factor = receiverVisible ? VISIBLE_RECEIVER_FACTOR : 1;
    // A clock that goes backwards must not stop the refill.
    const elapsedMs = Math.max(0, nowMs - filledAtMs);
    tokens = Math.min(capacity, tokens + elapsedMs * bytesPerMs * factor);
    filledAtMs = nowMs;
  };
  const receiverHasBacklog = (cost: number, nowMs: number): boolean => {
    if (readReceiver === undefined) return false;
    if (nowMs - sentAtMs > IDLE_MS) bytesSinceCheck = 0;
    if (bytesSinceCheck + cost <= CHECK_AFTER_BYTES) return false;
    const state = readReceiver();
    receiverVisible = state !== undefined;
    bytesSinceCheck = (state?.waitingBytes ?? 0) / KERNEL_BYTES_PER_BYTE;
    if (bytesSinceCheck <= BACKLOG_BYTES) {
      backlogSinceMs = Number.POSITIVE_INFINITY;
      return false;
    }
    backlogSinceMs = Math.min(backlogSinceMs, nowMs);
    const stuck = nowMs - backlogSinceMs > STUCK_MS;
    bytesSinceCheck = stuck ? 0 : Number.POSITIVE_INFINITY;
    sentAtMs = nowMs;
    return !stuck;
  };
  return {
    tryAcquire(bytes, nowMs) {
      refill(nowMs);
      const cost = costOf(bytes);
      if (tokens < cost || receiverHasBacklog(cost, nowMs)) return false;
      tokens -= cost;
      bytesSinceCheck += cost;
      sentAtMs = nowMs;
      return true;
    },
    delayMs(bytes, nowMs) {
      refill(nowMs);
      return Math.max(1, (costOf(bytes) - tokens) / bytesPerMs);
    },
  };
}
