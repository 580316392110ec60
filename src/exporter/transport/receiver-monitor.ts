import { chargeBytes, KERNEL_BYTES_PER_BYTE } from './rate-limiter.ts';
import type { ReadReceiveQueue } from './receive-queue.ts';

/** Monitors whether the daemon reads its datagrams, if the kernel shows its receive queue. */
export interface ReceiverMonitor {
  /** Whether the last reading showed the daemon's socket. */
  readonly visible: boolean;
  /** Maximum number of bytes of our last datagrams that the daemon may not have read yet. */
  readonly unreadBytes: number;
  /** Reads the receive queue if the last reading is old; `true` if the daemon has been restarted. */
  hasRestarted(nowMs: number): boolean;
  /** Whether the receive queue has room for a datagram of this size; reads the queue when needed. */
  hasRoom(bytes: number, nowMs: number): boolean;
  /**
   * Reads the receive queue now. `undefined` if the kernel never showed the daemon's socket; its
   * absence is then meaningless.
   */
  isListening(): boolean | undefined;
  /** Records that a datagram was sent. */
  sent(bytes: number): void;
  /** Milliseconds for which the queue has had a backlog that the daemon does not reduce. */
  stalledMs(nowMs: number): number;
}

/** The receive queue is read again after sending this many bytes … */
const CHECK_AFTER_BYTES = 48 * 1024;
/** … or before sending, when the last reading is older than this. */
const CHECK_AFTER_MS = 100;
/** Backlog in the receive queue above which nothing is sent until the receiver has caught up. */
const BACKLOG_BYTES = 24 * 1024;
/**
 * A backlog that lasts this long although the daemon reads is caused by other senders. Waiting
 * longer would let them take all of the daemon's time.
 */
const SHARED_MS = 1_000;

/** Creates a monitor; without a reader the receiver is never visible and always has room. */
export function createReceiverMonitor(read: ReadReceiveQueue | undefined): ReceiverMonitor {
  let visible = false;
  let socketId: string | undefined;
  let waitingBytes = 0;
  let bytesSinceCheck = 0;
  let checkedAtMs = Number.NEGATIVE_INFINITY;
  let backlogSinceMs: number | undefined;
  /** When the backlog was last seen to shrink. */
  let progressAtMs = Number.NEGATIVE_INFINITY;
  let restarted = false;

  const check = (nowMs: number): void => {
    checkedAtMs = nowMs;
    const state = read?.();
    visible = state !== undefined;
    if (state !== undefined) {
      restarted ||= socketId !== undefined && socketId !== state.socketId;
      socketId = state.socketId;
    }
    const before = waitingBytes;
    waitingBytes = state?.waitingBytes ?? 0;
    bytesSinceCheck = waitingBytes / KERNEL_BYTES_PER_BYTE;
    if (bytesSinceCheck <= BACKLOG_BYTES) {
      backlogSinceMs = undefined;
      return;
    }
    if (backlogSinceMs === undefined || waitingBytes < before) progressAtMs = nowMs;
    backlogSinceMs ??= nowMs;
  };
  const isDue = (nowMs: number) => nowMs - checkedAtMs >= CHECK_AFTER_MS;

  return {
    get visible() {
      return visible;
    },
    get unreadBytes() {
      return waitingBytes;
    },
    hasRestarted(nowMs) {
      if (read === undefined) return false;
      if (isDue(nowMs)) check(nowMs);
      const answer = restarted;
      restarted = false;
      return answer;
    },
    hasRoom(bytes, nowMs) {
      if (read === undefined) return true;
      const isFull = bytesSinceCheck + chargeBytes(bytes) > CHECK_AFTER_BYTES;
      if (isFull || backlogSinceMs !== undefined || isDue(nowMs)) check(nowMs);
      if (backlogSinceMs === undefined) return true;
      return nowMs - backlogSinceMs > SHARED_MS && nowMs - progressAtMs <= SHARED_MS;
    },
    isListening() {
      const isVisible = read?.() !== undefined;
      return isVisible || socketId !== undefined ? isVisible : undefined;
    },
    sent(bytes) {
      bytesSinceCheck += chargeBytes(bytes);
    },
    stalledMs(nowMs) {
      return backlogSinceMs === undefined ? 0 : nowMs - progressAtMs;
    },
  };
}
