import type { LookAtReceiver } from './receive-queue.ts';

/**
 * How many bytes may leave now.
 *
 * The daemon's socket holds about 98 KB of payload and loses what comes beyond that without a
 * word; 64 KB at once and 32 KB per millisecond after it lost nothing (spec/performance.md).
 */
export interface Pace {
  /** Takes the bytes of one datagram, or answers `false` and takes nothing. */
  take(bytes: number, nowMs: number): boolean;
  /** Milliseconds until {@link take} of these bytes may succeed. */
  waitMs(bytes: number, nowMs: number): number;
}

/** The bucket holds this much time, so that a late timer does not cost throughput. */
const BURST_MS = 2;
/** A receiver that is seen to keep up gets this many times the pace of one that is not. */
const SEEN_FACTOR = 2;
/** After sending this many bytes, the receiver is looked at before the next one. */
const LOOK_AFTER_BYTES = 48 * 1024;
/** When more than this waits at the receiver, it has to catch up first. */
const BEHIND_BYTES = 24 * 1024;
/** A receiver that is behind for this long reads no more; waiting for it keeps nothing. */
const STUCK_MS = 1_000;
/** A receiver is empty when nothing was sent to it for this long. */
const QUIET_MS = 50;
/** A socket's buffer holds about this many bytes of kernel memory per byte of payload. */
const KERNEL_BYTES_PER_BYTE = 2.17;
/** Headers and the kernel's own notes on a datagram, in the same piece of memory. */
const KERNEL_NOTES_BYTES = 384;
/** Datagrams above this are kept in pages, with little overhead. */
const LARGEST_PIECE_BYTES = 16_384;

/**
 * What a datagram takes of the receiver's buffer, in bytes of payload of average cost.
 *
 * Linux charges memory: a power of two that holds payload, headers and notes. 800 bytes of payload
 * take 2.3 KB where 600 take 1.3.
 */
export function chargeBytes(bytes: number): number {
  const piece = bytes + KERNEL_NOTES_BYTES;
  if (piece > LARGEST_PIECE_BYTES) return bytes;
  return Math.max(bytes, (256 + 2 ** Math.ceil(Math.log2(piece))) / KERNEL_BYTES_PER_BYTE);
}

/**
 * A token bucket that fills by `bytesPerMs`; where the receiver can be seen, it also waits while
 * the receiver is behind, as when the machine gives the daemon no time for some milliseconds.
 *
 * @throws {TypeError} when `bytesPerMs` is not a positive number
 */
export function createPace(bytesPerMs: number, look?: LookAtReceiver): Pace {
  if (!(bytesPerMs > 0))
    throw new TypeError(`bytesPerMs: ${bytesPerMs}; expected a positive number`);
  const capacity = bytesPerMs * BURST_MS;
  let tokens = capacity;
  let filledAtMs = Number.NEGATIVE_INFINITY;
  let unseen = 0;
  let seen = false;
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let behindSinceMs = Number.POSITIVE_INFINITY;

  /** One that is larger than the bucket goes when the bucket is full. */
  const costOf = (bytes: number) => Math.min(chargeBytes(bytes), capacity);
  const fill = (nowMs: number) => {
    // A clock that steps back must not freeze the pace.
    tokens = Math.min(
      capacity,
      tokens + Math.max(0, nowMs - filledAtMs) * bytesPerMs * (seen ? SEEN_FACTOR : 1),
    );
    filledAtMs = nowMs;
  };
  const receiverBehind = (cost: number, nowMs: number): boolean => {
    if (look === undefined) return false;
    if (nowMs - sentAtMs > QUIET_MS) unseen = 0;
    if (unseen + cost <= LOOK_AFTER_BYTES) return false;
    const state = look();
    seen = state !== undefined;
    unseen = (state?.waitingBytes ?? 0) / KERNEL_BYTES_PER_BYTE;
    if (unseen <= BEHIND_BYTES) {
      behindSinceMs = Number.POSITIVE_INFINITY;
      return false;
    }
    behindSinceMs = Math.min(behindSinceMs, nowMs);
    const stuck = nowMs - behindSinceMs > STUCK_MS;
    unseen = stuck ? 0 : Number.POSITIVE_INFINITY;
    sentAtMs = nowMs;
    return !stuck;
  };
  return {
    take(bytes, nowMs) {
      fill(nowMs);
      const cost = costOf(bytes);
      if (tokens < cost || receiverBehind(cost, nowMs)) return false;
      tokens -= cost;
      unseen += cost;
      sentAtMs = nowMs;
      return true;
    },
    waitMs(bytes, nowMs) {
      fill(nowMs);
      return Math.max(1, (costOf(bytes) - tokens) / bytesPerMs);
    },
  };
}
