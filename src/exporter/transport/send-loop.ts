import { warnOnce } from '../../diagnostics.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { BatchWriter, Datagram } from '../batch/batch-writer.ts';
import { flatten } from '../batch/nest.ts';
import type { MutableCounters } from '../counters.ts';
import { FRAME_HEADER_BYTES } from '../encode/frame.ts';
import { MAX_DOCUMENT_BYTES, MIN_DOCUMENT_BYTES } from '../limits.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { SendQueue } from './send-queue.ts';
import type { UdpClient } from './udp-client.ts';

export interface SendLoopOptions {
  readonly assembly: BatchWriter;
  readonly client: UdpClient;
  readonly rateLimiter: RateLimiter;
  readonly tally: MutableCounters;
  /** Sends at the end of the current task of the thread, instead of a few milliseconds later. */
  readonly flushOnTaskEnd: boolean;
  readonly dump: ((line: string) => void) | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => void;
}

/**
 * Why a slice stopped: nothing left to send, its time was used up, the rate limiter, or a socket that
 * is closed or whose kernel buffer is full.
 */
type StopReason = 'empty' | 'time' | 'rate' | 'blocked';

/** Delay between the first span and sending, so that one wake-up of the receiver serves many. */
const GATHER_MS = 4;
/** Longest time a slice blocks the event loop, not counting the step in progress at its end. */
const SLICE_MS = 0.15;
/** The same while spans end faster than they are sent; the last burst comes on top. */
const BUSY_SLICE_MS = 0.3;
/** Queued spans from which a program counts as busy; far below the smallest usual queue size. */
const BUSY_SPANS = 256;
/** Delay before trying again while the socket is not open or its kernel buffer is full. */
const BLOCKED_MS = 50;
/** Limit for datagrams that libuv queues because the kernel buffer is full. */
const MAX_WAITING = 32;
/** A datagram that is refused more often than this is dropped. */
const MAX_REFUSALS = 2;
/** When this many spans wait, this many are encoded at once; takes about 0.1 ms. */
const AHEAD_SPANS = 64;

/** A pending flush. */
interface Waiter {
  /** Resolves when this many batches are sent. */
  upTo: number;
  readonly done: () => void;
}

/**
 * Sends encoded datagrams in short time slices. When a slice has used up its time or its rate, the
 * next one runs in a later turn of the event loop. Timers do not keep the process alive, except
 * while a flush is pending.
 */
export class SendLoop {
  readonly #options: SendLoopOptions;
  readonly #queue: SendQueue;
  /** Passed to the socket, in order. Send callbacks arrive in the same order: `#answered` so far. */
  #inFlight: Datagram[] = [];
  #answered = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the timer waits for more spans, and not for the rate limiter or the socket. */
  #gathering = false;
  #immediate: NodeJS.Immediate | undefined;
  #microtaskQueued = false;
  #isWriting = false;
  #waiters: readonly Waiter[] = [];

  constructor(options: SendLoopOptions) {
    this.#options = options;
    this.#queue = new SendQueue(options.assembly, options.tally);
  }

  /**
   * Call it when a request has ended. Encodes spans if many wait and there is room; a later slice
   * sends them. Encoded spans can be garbage-collected young, and encoding many in a row makes
   * better use of the CPU's instruction cache.
   */
  writeAhead(): void {
    const { client, tally } = this.#options;
    const left = tally.queued - AHEAD_SPANS;
    // Translating a span can log, and the app's logger can end another span.
    if (left >= 0 && !this.#isWriting && client.open) {
      while (tally.queued > left && this.#queue.hasRoom) this.#step();
    }
    this.schedule();
  }

  /** Schedules a slice. Call it when there is something to send. */
  schedule(): void {
    if (this.#immediate !== undefined || this.#microtaskQueued) return;
    if (this.#timer !== undefined) {
      if (this.#gathering && this.#queue.hasBurst) this.#nextTurn();
      return;
    }
    if (!this.#options.flushOnTaskEnd) {
      this.#later(GATHER_MS);
      this.#gathering = true;
      return;
    }
    this.#microtaskQueued = true;
    queueMicrotask(() => {
      this.#microtaskQueued = false;
      this.#slice();
    });
  }

  /** Sends everything added so far, starting now. Resolves as {@link whenSent} does. */
  flush(timeoutMs: number): Promise<void> {
    const sent = this.whenSent(timeoutMs);
    if (!this.#idle()) this.#slice();
    return sent;
  }

  /** Resolves when everything added so far is sent, or after `timeoutMs` with a warning. */
  whenSent(timeoutMs: number): Promise<void> {
    if (this.#idle()) return Promise.resolve();
    this.#timer?.ref();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        warnOnce(`flush timed out after ${timeoutMs} ms; spans remain queued`);
        waiter.done();
      }, timeoutMs);
      const waiter: Waiter = {
        upTo: this.#options.assembly.accepted,
        done: () => {
          clearTimeout(timer);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          resolve();
        },
      };
      this.#waiters = [...this.#waiters, waiter];
    });
  }

  /**
   * Sends everything before it returns. Blocks the thread to respect the rate limit, for at most
   * `deadlineMs`, then sends the rest without a limit. Only for a process that is about to end.
   */
  flushSync(deadlineMs: number): void {
    const { client, now, rateLimiter, sleep } = this.#options;
    const endMs = now() + deadlineMs;
    client.refresh(now());
    for (;;) {
      const end = this.#sendAll(Number.POSITIVE_INFINITY, now() >= endMs);
      if (end !== 'rate') return;
      const { first } = this.#queue;
      const size = first === undefined ? 0 : first.end - first.start;
      sleep(Math.max(0, Math.min(rateLimiter.delayMs(size, now()), endMs - now())));
    }
  }

  /** Stops the timers; queued datagrams stay queued. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#gathering = false;
    this.#immediate = undefined;
  }

  #idle(): boolean {
    return this.#queue.empty && this.#inFlight.length === 0;
  }

  readonly #slice = (): void => {
    const { client, now, tally } = this.#options;
    this.stop();
    const startMs = now();
    client.refresh(startMs);
    const isBusy = tally.queued + tally.written > BUSY_SPANS;
    const end = this.#sendAll(startMs + (isBusy ? BUSY_SLICE_MS : SLICE_MS), false);
    if (end === 'time') this.#nextTurn();
    else if (end !== 'empty') this.#later(end === 'rate' ? 1 : BLOCKED_MS);
    this.#resolveFlushes();
  };

  /**
   * Runs the next slice in this or the next turn of the event loop. The immediate stays referenced:
   * an unreferenced one would let the event loop sleep until another event. It does not delay the
   * end of the process, as the loop does not wait before it runs.
   */
  #nextTurn(): void {
    this.stop();
    this.#immediate = setImmediate(this.#slice);
  }

  #later(ms: number): void {
    this.#timer = setTimeout(this.#slice, ms);
    if (this.#waiters.length === 0) this.#timer.unref();
  }

  /** Resolves the pending flushes whose batches are sent. */
  #resolveFlushes(): void {
    if (this.#waiters.length === 0 || this.#inFlight.length > 0) return;
    if (this.#queue.first !== undefined || this.#queue.hasRefused) return;
    for (const waiter of this.#waiters) {
      if (this.#options.assembly.completed >= waiter.upTo) waiter.done();
    }
  }

  #sendAll(untilMs: number, ignoreLimit: boolean): StopReason {
    const { client, now } = this.#options;
    if (!client.open) return this.#idle() ? 'empty' : 'blocked';
    for (;;) {
      if (!this.#write(untilMs)) return 'time';
      if (this.#queue.first === undefined) return 'empty';
      const end = this.#sendBurst(ignoreLimit);
      if (end !== undefined) return end;
      if (now() >= untilMs) return this.#queue.empty ? 'empty' : 'time';
    }
  }

  /**
   * Encodes datagrams until a burst is ready or nothing is left to encode.
   *
   * Datagrams are sent in bursts because each separate one wakes the receiver, which costs the
   * sender several times as much as the datagram itself (docs/spec/performance.md section 3).
   *
   * @returns `false` if the time was used up before
   */
  #write(untilMs: number): boolean {
    while (!this.#queue.hasBurst && !this.#queue.allWritten) {
      this.#step();
      if (this.#options.now() >= untilMs) return this.#queue.allWritten;
    }
    return true;
  }

  #step(): void {
    this.#isWriting = true;
    try {
      this.#queue.writeNext();
    } finally {
      this.#isWriting = false;
    }
  }

  /** @returns why it stopped, or `undefined` if the whole burst was sent */
  #sendBurst(ignoreLimit: boolean): StopReason | undefined {
    const { client, now } = this.#options;
    if (client.waiting > MAX_WAITING) return 'blocked';
    const nowMs = now();
    const burst = this.#queue.burst();
    let sent = 0;
    while (sent < burst.length && this.#send(burst[sent] as Datagram, nowMs, ignoreLimit))
      sent += 1;
    this.#queue.drop(sent);
    return sent === burst.length ? undefined : 'rate';
  }

  /** @returns `false` if the rate limiter does not allow it yet */
  #send(datagram: Datagram, nowMs: number, ignoreLimit: boolean): boolean {
    const { client, rateLimiter, tally, dump } = this.#options;
    const { writer, start, end, documents, refusals } = datagram;
    if (!rateLimiter.tryAcquire(end - start, nowMs) && !ignoreLimit) return false;
    const bytes = writer.bytes.subarray(start, end);
    if (dump !== undefined && refusals === 0) this.#dump(dump, bytes);
    this.#count(datagram, 1);
    tally.written -= documents;
    this.#inFlight.push(datagram);
    client.send(bytes, this.#onSent);
    return true;
  }

  /** One callback for all datagrams: a closure each would add half of the cost of Node's `send`. */
  readonly #onSent = (error: NodeJS.ErrnoException | null): void => {
    const datagram = this.#inFlight[this.#answered] as Datagram;
    this.#answered += 1;
    if (error !== null) {
      this.#count(datagram, -1);
      this.#failed(error, datagram);
    }
    if (this.#answered < this.#inFlight.length) return;
    this.#inFlight = [];
    this.#answered = 0;
    this.#queue.recycleBuffers();
    this.#resolveFlushes();
  };

  #count({ start, end, documents }: Datagram, datagrams: 1 | -1): void {
    const { tally } = this.#options;
    tally.sent += datagrams * documents;
    tally.datagrams += datagrams;
    tally.bytes += datagrams * (end - start);
  }

  #dump(dump: (line: string) => void, bytes: Buffer): void {
    try {
      dump(bytes.toString('utf8', FRAME_HEADER_BYTES));
    } catch (error) {
      warnOnce(`cannot dump documents: ${(error as Error).message}`);
    }
  }

  #failed(
    error: NodeJS.ErrnoException,
    { writer, start, end, documents, refusals }: Datagram,
  ): void {
    const { client, tally } = this.#options;
    const bytes = writer.bytes.subarray(start, end);
    client.failed(error);
    const code = error.code ?? error.name;
    tally.sendErrors[code] = (tally.sendErrors[code] ?? 0) + 1;
    if (code === 'EMSGSIZE' && this.#sendSmaller(bytes)) return;
    // The kernel reports an ICMP answer to an earlier datagram; this one was not sent.
    if (code === 'ECONNREFUSED' && refusals < MAX_REFUSALS) {
      this.#queue.requeue({ bytes: Buffer.from(bytes), documents, refusals: refusals + 1 });
      this.schedule();
      return;
    }
    tally.dropped['send-error'] += documents;
    warnOnce(
      `cannot send to the X-Ray daemon: ${error.message}; these documents are dropped`,
      `send ${code}`,
    );
  }

  /**
   * Lowers the size limit after `EMSGSIZE` and queues the documents of the datagram again, separately.
   *
   * @returns `false` if the documents cannot be made smaller
   */
  #sendSmaller(bytes: Buffer): boolean {
    const { assembly } = this.#options;
    const size = bytes.length - FRAME_HEADER_BYTES;
    if (size <= MIN_DOCUMENT_BYTES || size > MAX_DOCUMENT_BYTES) return false;
    if (size <= assembly.maxDocumentBytes) {
      const half = Math.floor(bytes.length / 2) - FRAME_HEADER_BYTES;
      assembly.maxDocumentBytes = Math.max(MIN_DOCUMENT_BYTES, half);
      warnOnce(
        `the network rejects datagrams of ${bytes.length} bytes (EMSGSIZE); documents are now split ` +
          `or truncated at ${assembly.maxDocumentBytes} bytes`,
      );
    }
    const document = JSON.parse(bytes.toString('utf8', FRAME_HEADER_BYTES)) as SegmentDocument;
    assembly.addDocuments(flatten(document));
    for (const waiter of this.#waiters) waiter.upTo = assembly.accepted;
    this.schedule();
    return true;
  }
}
