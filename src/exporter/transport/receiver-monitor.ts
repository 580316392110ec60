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
/**
 * … or before sending, when the last reading is older than this: a third of the time for which sent datagrams are
 * kept, so that they are sent again if the daemon has been restarted.
 */
const CHECK_AFTER_MS = 500;
/** Backlog in the receive queue above which nothing is sent until the receiver has caught up. */
const BACKLOG_BYTES = 24 * 1024;
/**
 * A backlog that lasts this long although the daemon reads is caused by other senders. Waiting
 * longer would let them take all of the daemon's time.
 */
const SHARED_MS = 1_000;

/** Creates a monitor; without a reader the receiver is never visible and always has room. */
export function createReceiverMonitor(read: ReadReceiveQueue | undefined): ReceiverMonitor {
  return new QueueMonitor(read);
}

/** A class, because V8 looks up each member of a literal with getters by its name. */
class QueueMonitor implements ReceiverMonitor {
  visible = false;
  readonly #read: ReadReceiveQueue | undefined;
  #socketId: string | undefined;
  #waitingBytes = 0;
  #bytesSinceCheck = 0;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #backlogSinceMs: number | undefined;
  /** When the backlog was last seen to shrink. */
  #progressAtMs = Number.NEGATIVE_INFINITY;
  #restarted = false;

  constructor(read: ReadReceiveQueue | undefined) {
    this.#read = read;
  }

  get unreadBytes(): number {
    return this.#waitingBytes;
  }

  hasRestarted(nowMs: number): boolean {
    if (this.#read === undefined) return false;
    if (this.#isDue(nowMs)) this.#check(nowMs);
    const answer = this.#restarted;
    this.#restarted = false;
    return answer;
  }

  hasRoom(bytes: number, nowMs: number): boolean {
    if (this.#read === undefined) return true;
    const isFull = this.#bytesSinceCheck + chargeBytes(bytes) > CHECK_AFTER_BYTES;
    if (isFull || this.#backlogSinceMs !== undefined || this.#isDue(nowMs)) this.#check(nowMs);
    if (this.#backlogSinceMs === undefined) return true;
    return nowMs - this.#backlogSinceMs > SHARED_MS && nowMs - this.#progressAtMs <= SHARED_MS;
  }

  isListening(): boolean | undefined {
    const isVisible = this.#read?.() !== undefined;
    return isVisible || this.#socketId !== undefined ? isVisible : undefined;
  }

  sent(bytes: number): void {
    if (this.#read !== undefined) this.#bytesSinceCheck += chargeBytes(bytes);
  }

  stalledMs(nowMs: number): number {
    return this.#backlogSinceMs === undefined ? 0 : nowMs - this.#progressAtMs;
  }

  #isDue(nowMs: number): boolean {
    return nowMs - this.#checkedAtMs >= CHECK_AFTER_MS;
  }

  #check(nowMs: number): void {
    this.#checkedAtMs = nowMs;
    const state = this.#read?.();
    this.visible = state !== undefined;
    if (state !== undefined) {
      this.#restarted ||= this.#socketId !== undefined && this.#socketId !== state.socketId;
      this.#socketId = state.socketId;
    }
    const before = this.#waitingBytes;
    this.#waitingBytes = state?.waitingBytes ?? 0;
    this.#bytesSinceCheck = this.#waitingBytes / KERNEL_BYTES_PER_BYTE;
    if (this.#bytesSinceCheck <= BACKLOG_BYTES) {
      this.#backlogSinceMs = undefined;
      return;
    }
    if (this.#backlogSinceMs === undefined || this.#waitingBytes < before) {
      this.#progressAtMs = nowMs;
    }
    this.#backlogSinceMs ??= nowMs;
  }
}
