import { warnOnce } from '../../diagnostics.ts';
import { dumpDocument } from './dump-document.ts';
import { createFlushWaiters } from './flush-waiters.ts';
import {
  createDrainLimiter,
  createHoldState,
  type HoldState,
  isUnreachable,
} from './hold-state.ts';
import { writeSmaller } from './oversized.ts';
import { createProber, type Prober } from './prober.ts';
import type { SendLoopOptions } from './send-loop-options.ts';
import type { QueuedDatagram, SendQueue } from './send-queue.ts';
import { createSliceScheduler, type SliceScheduler } from './slice-scheduler.ts';
import type { Transport } from './transport.ts';

/**
 * Why a slice stopped: nothing left to send, its time was used up, the rate limiter, a receive queue
 * with a backlog, documents that are held because the daemon is away, or a socket that is closed or
 * whose kernel buffer is full.
 */
type StopReason = 'empty' | 'time' | 'rate' | 'backlog' | 'held' | 'blocked';

/** Longest time a slice blocks the event loop, not counting the step in progress at its end. */
const SLICE_MS = 0.15;
/** The same while spans end faster than they are sent; the last burst comes on top. */
const BUSY_SLICE_MS = 0.3;
/**
 * Number of queued spans at which a program counts as busy; far below the smallest usual queue
 * size.
 */
const BUSY_SPANS = 256;
/** Delay before trying again while the socket is not open or its kernel buffer is full. */
const BLOCKED_MS = 50;
/** Limit for datagrams that libuv queues because the kernel buffer is full. */
const MAX_WAITING = 32;
/** Number of waiting spans at which they are encoded together, which takes about 0.1 ms. */
const AHEAD_SPANS = 64;
/** With a backlog that does not shrink for this long, documents are held. */
const HOLD_AFTER_MS = 20;
/** A daemon whose backlog does not shrink for this long has stopped reading; a flush does not wait. */
const STALLED_MS = 1_000;
/** Time without any received datagram since the start after which there is probably no daemon. */
const UNREACHED_MS = 1_400;
/** Time between two readings of a receive queue with a backlog. */
const BACKLOG_MS = 2;

/**
 * Sends encoded datagrams in short time slices. When a slice has used up its time or its rate, the
 * next one runs in a later turn of the event loop. While the daemon is known to be away, datagrams
 * are held within a limit in bytes. Timers do not keep the process alive, except while a flush is
 * pending.
 */
export class SendLoop implements Transport {
  readonly #options: SendLoopOptions;
  readonly #queue: SendQueue;
  readonly #hold: HoldState;
  readonly #drain = createDrainLimiter();
  readonly #waiters = createFlushWaiters();
  /** Sequence numbers in sending order. Send callbacks arrive in this order: `#answered` so far. */
  #inFlight: number[] = [];
  #answered = 0;
  readonly #prober: Prober;
  readonly #scheduler: SliceScheduler;
  #isWriting = false;

  constructor(options: SendLoopOptions) {
    this.#options = options;
    this.#queue = options.queue;
    this.#hold = createHoldState(options.confirmMs);
    this.#prober = createProber({
      hold: this.#hold,
      now: options.now,
      send: (nowMs) => this.#sendProbe(nowMs),
      onReceived: () => this.#scheduler.nextTurn(),
    });
    this.#scheduler = createSliceScheduler({
      run: this.#slice,
      hasBurst: () => this.#queue.hasBurst || options.counters.queued >= AHEAD_SPANS,
      isAwaited: () => !this.#waiters.isEmpty,
      onTaskEnd: options.flushOnTaskEnd,
    });
  }

  /**
   * Call it when a request has ended. Encodes spans if many wait and there is room; a later slice
   * sends them. Encoded spans can be garbage-collected young, and encoding many in a row makes
   * better use of the CPU's instruction cache.
   */
  writeAhead(): void {
    const { client, counters, now } = this.#options;
    const left = counters.queued - AHEAD_SPANS;
    // Translating a span can log, and the app's logger can end another span.
    if (left >= 0 && !this.#isWriting) {
      if (this.#isHolding(now())) this.#writeHeld(left, Number.POSITIVE_INFINITY);
      else if (client.open) while (counters.queued > left && this.#queue.hasRoom) this.#writeNext();
    }
    this.schedule();
  }

  schedule(): void {
    this.#scheduler.soon();
  }

  flush(timeoutMs: number): Promise<void> {
    const sent = this.whenSent(timeoutMs);
    this.#prober.probeNow();
    if (!this.#isIdle()) this.#slice();
    return sent;
  }

  whenSent(timeoutMs: number): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    this.#scheduler.awaited();
    return this.#waiters.add(this.#options.batchWriter.accepted, timeoutMs);
  }

  /**
   * Sends everything before it returns. Blocks the thread to respect the rate limit, for at most
   * `deadlineMs`, then sends the rest without a limit. Only for a process that is about to end.
   * What is held stays held if nothing listens, as far as the kernel shows that.
   */
  flushSync(deadlineMs: number): void {
    const { client, now, rateLimiter, receiver, sleep } = this.#options;
    const endMs = now() + deadlineMs;
    client.refresh(now());
    // Where the kernel does not show whether something listens, all of it is sent without waiting.
    let ignoreLimits = false;
    if (this.#hold.mode !== 'sending') {
      const isListening = receiver.isListening();
      const isUnreached = this.#hold.unreachedMs(now()) > 0;
      if (isListening === false || (isListening === undefined && isUnreached)) return;
      ignoreLimits = isListening === undefined;
      this.#hold.resume();
    }
    for (;;) {
      const reason = this.#work(Number.POSITIVE_INFINITY, ignoreLimits || now() >= endMs);
      if (reason !== 'rate' && reason !== 'backlog') return;
      const size = this.#queue.peek()?.bytes.length ?? 0;
      const delayMs = reason === 'rate' ? rateLimiter.delayMs(size, now()) : BACKLOG_MS;
      sleep(Math.max(0, Math.min(delayMs, endMs - now())));
    }
  }

  stop(): void {
    this.#scheduler.stop();
    this.#prober.stop();
    this.#options.client.close();
  }

  /** The socket is connected, for the first time or to another address. */
  connected(): void {
    this.#prober.probeNow();
    this.schedule();
  }

  /** The socket reported an error that belongs to no send. */
  socketFailed(error: NodeJS.ErrnoException): void {
    if (isUnreachable(error)) this.#unreachable(error);
  }

  #isIdle(): boolean {
    return this.#queue.empty && this.#inFlight.length === 0;
  }

  /** Whether datagrams are currently held because they would not arrive. */
  #isHolding(nowMs: number): boolean {
    const { client, receiver } = this.#options;
    return (
      this.#hold.mode !== 'sending' ||
      client.unavailable ||
      receiver.stalledMs(nowMs) >= HOLD_AFTER_MS
    );
  }

  readonly #slice = (): void => {
    const { client, now, counters } = this.#options;
    this.#scheduler.stop();
    const startMs = now();
    client.refresh(startMs);
    const isBusy = counters.queued + counters.written > BUSY_SPANS;
    const reason = this.#work(startMs + (isBusy ? BUSY_SLICE_MS : SLICE_MS), false);
    if (reason === 'time') this.#scheduler.nextTurn();
    else if (reason === 'rate') this.#scheduler.later(1);
    else if (reason === 'backlog') this.#scheduler.later(this.#backlogDelayMs());
    else if (reason === 'blocked') this.#scheduler.later(BLOCKED_MS);
    this.#resolveFlushes();
  };

  #backlogDelayMs(): number {
    const { receiver, now } = this.#options;
    return receiver.stalledMs(now()) < STALLED_MS ? BACKLOG_MS : BLOCKED_MS;
  }

  /** Resolves the pending flushes whose batches are sent or held. */
  #resolveFlushes(): void {
    const { batchWriter, client, now, receiver } = this.#options;
    if (this.#waiters.isEmpty || this.#inFlight.length > 0) return;
    const isHeld =
      this.#hold.mode === 'holding' ||
      client.unavailable ||
      receiver.stalledMs(now()) >= STALLED_MS;
    if (this.#queue.hasUnsent && !isHeld) return;
    this.#waiters.resolve(batchWriter.completed);
  }

  #work(untilMs: number, ignoreLimits: boolean): StopReason {
    const { client, counters, now } = this.#options;
    const startMs = now();
    this.#checkReceiver(startMs);
    const isHolding = this.#isHolding(startMs);
    // New documents queue up behind those that are held.
    if ((isHolding || counters.held > 0) && !this.#writeHeld(0, untilMs)) return 'time';
    if (this.#hold.mode !== 'sending') return 'held';
    if (!client.open) return this.#isIdle() ? 'empty' : 'blocked';
    for (;;) {
      if (!this.#writeBurst(untilMs)) return 'time';
      if (!this.#queue.hasUnsent) return 'empty';
      const reason = this.#sendBurst(ignoreLimits);
      if (reason !== undefined) return reason;
      if (now() >= untilMs) return this.#queue.empty ? 'empty' : 'time';
    }
  }

  /** Sends again what a restarted daemon may not have read, and forgets what was received. */
  #checkReceiver(nowMs: number): void {
    const { receiver } = this.#options;
    if (this.#inFlight.length > 0) return;
    if (receiver.hasRestarted(nowMs)) this.#queue.rewind(Number.NEGATIVE_INFINITY);
    else this.#queue.forgetOld(nowMs, receiver.unreadBytes);
  }

  /**
   * Encodes datagrams until a burst is ready or nothing is left to encode.
   *
   * Datagrams are sent in bursts because each separate one wakes the receiver, which costs the
   * sender several times as much as the datagram itself (docs/spec/performance.md section 3).
   *
   * @returns `false` if the time was used up before
   */
  #writeBurst(untilMs: number): boolean {
    while (!this.#queue.hasBurst && !this.#queue.allWritten) {
      this.#writeNext();
      if (this.#options.now() >= untilMs) return this.#queue.allWritten;
    }
    return true;
  }

  /**
   * Encodes documents to be held, until `left` spans remain.
   *
   * @returns `false` if the time was used up before
   */
  #writeHeld(left: number, untilMs: number): boolean {
    const { counters, now } = this.#options;
    let inTime = true;
    while (inTime && !this.#queue.allWritten && (left === 0 || counters.queued > left)) {
      this.#writeNext();
      inTime = now() < untilMs;
    }
    counters.held += counters.written;
    counters.written = 0;
    this.#trim();
    return inTime || this.#queue.allWritten;
  }

  /** Drops documents beyond the limit, except while the result of a probe is unknown. */
  #trim(): void {
    if (this.#inFlight.length > 0 || this.#hold.mode === 'probing') return;
    if (this.#queue.trim() === 0) return;
    warnOnce(
      `the X-Ray daemon is unavailable and the limit OTEL_XRAY_HOLD_BYTES=${this.#options.holdBytes} is reached; ` +
        'dropping the oldest documents until it is back',
      'hold-full',
    );
  }

  #writeNext(): void {
    this.#isWriting = true;
    try {
      this.#queue.writeNext();
    } finally {
      this.#isWriting = false;
    }
  }

  /** @returns why it stopped, or `undefined` if the whole burst was sent */
  #sendBurst(ignoreLimits: boolean): StopReason | undefined {
    const { client, now } = this.#options;
    if (client.waiting > MAX_WAITING) return 'blocked';
    const nowMs = now();
    for (let left = this.#queue.burstSize; left > 0; left -= 1) {
      const datagram = this.#queue.peek();
      if (datagram === undefined) return undefined;
      const reason = this.#limit(datagram.bytes.length, nowMs);
      if (reason !== undefined && !ignoreLimits) return reason;
      this.#send(datagram, nowMs);
    }
    return undefined;
  }

  /** @returns why a datagram of this size cannot be sent now */
  #limit(bytes: number, nowMs: number): StopReason | undefined {
    const { counters, rateLimiter, receiver } = this.#options;
    if (!receiver.hasRoom(bytes, nowMs)) return 'backlog';
    if (!rateLimiter.tryAcquire(bytes, nowMs)) return 'rate';
    if (counters.held > 0 && !this.#drain.tryAcquire(this.#queue.written, nowMs)) return 'rate';
    return undefined;
  }

  #send({ bytes, sequence, isRepeated }: QueuedDatagram, nowMs: number): void {
    const { client, dump, receiver } = this.#options;
    if (dump !== undefined && !isRepeated) dumpDocument(dump, bytes);
    this.#queue.markSent(nowMs);
    this.#hold.sent(nowMs);
    receiver.sent(bytes.length);
    this.#inFlight.push(sequence);
    client.send(bytes, this.#onSent);
  }

  /** One callback for all datagrams: a closure each would add half of the cost of Node's `send`. */
  readonly #onSent = (error: NodeJS.ErrnoException | null): void => {
    const sequence = this.#inFlight[this.#answered] as number;
    this.#answered += 1;
    if (error !== null) this.#failed(error, sequence);
    if (this.#answered < this.#inFlight.length) return;
    this.#inFlight = [];
    this.#answered = 0;
    if (this.#hold.mode === 'holding') this.#trim();
    this.#resolveFlushes();
  };

  #failed(error: NodeJS.ErrnoException, sequence: number): void {
    const { batchWriter, client, counters } = this.#options;
    client.failed(error);
    const code = error.code ?? error.name;
    counters.sendErrors[code] = (counters.sendErrors[code] ?? 0) + 1;
    if (isUnreachable(error)) {
      this.#unreachable(error);
      return;
    }
    const datagram = this.#queue.remove(sequence);
    if (datagram === undefined) return;
    if (code === 'EMSGSIZE' && writeSmaller(batchWriter, datagram.bytes)) {
      this.#waiters.extend(batchWriter.accepted);
      this.schedule();
      return;
    }
    counters.dropped['send-error'] += datagram.documents;
    warnOnce(
      `cannot send to the X-Ray daemon: ${error.message}; these documents are dropped`,
      `send ${code}`,
    );
  }

  /**
   * Holds everything that was sent lately. The kernel reports the ICMP answer to an earlier datagram
   * instead of sending the present one, and a daemon that ends takes with it what it has not read
   * or not uploaded.
   */
  #unreachable(error: NodeJS.ErrnoException): void {
    const { confirmMs, now } = this.#options;
    const nowMs = now();
    if (error.code !== 'ECONNREFUSED') {
      warnOnce(
        `cannot send to the X-Ray daemon: ${error.message}; documents are held and sent later`,
        `send ${error.code}`,
      );
    }
    this.#queue.rewind(confirmMs);
    this.#hold.refused(nowMs);
    if (this.#hold.unreachedMs(nowMs) > UNREACHED_MS) this.#options.onUnreached?.();
    this.#prober.arm();
    this.#trim();
    this.#resolveFlushes();
  }

  #sendProbe(nowMs: number): boolean {
    const { client } = this.#options;
    client.refresh(nowMs);
    const datagram = client.open ? this.#queue.peek() : undefined;
    if (datagram !== undefined) this.#send(datagram, nowMs);
    return datagram !== undefined;
  }
}
