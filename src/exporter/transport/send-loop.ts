import { warnOnce } from '../../diagnostics.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { Assembly, Datagram } from '../batch/batch-writer.ts';
import { flatten } from '../batch/nest.ts';
import type { Tally } from '../counters.ts';
import { FRAME_HEADER_BYTES } from '../encode/frame.ts';
import { LEAST_DOCUMENT_BYTES, MAX_DOCUMENT_BYTES } from '../options.ts';
import type { Pace } from './rate-limiter.ts';
import { Outbox } from './send-queue.ts';
import type { Link } from './udp-client.ts';

export interface RunsOptions {
  readonly assembly: Assembly;
  readonly link: Link;
  readonly pace: Pace;
  readonly tally: Tally;
  /** Runs when the present task of the thread is over, instead of some milliseconds later. */
  readonly eager: boolean;
  readonly dump: ((line: string) => void) | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => void;
}

/** What ended a run: nothing left, its time, the pace, or a kernel or network that takes nothing. */
type RunEnd = 'empty' | 'time' | 'pace' | 'blocked';

/** A run starts this long after its first span is ready: one wake-up of the receiver serves many. */
const GATHER_MS = 4;
/** The longest a run holds the event loop, not counting the step it is in. */
const RUN_MS = 0.15;
/** The same while a busy program finishes more than its runs can send; the burst at its end comes on top. */
const BUSY_RUN_MS = 0.3;
/** Spans that wait in a busy program; far below the smallest usual queue. */
const BUSY_SPANS = 256;
/** Between two looks at a link that is not open, or whose kernel has no room. */
const BLOCKED_MS = 50;
/** Datagrams the kernel had no room for and libuv holds; beyond these a run waits. */
const MAX_WAITING = 32;
/** A datagram is given up when the kernel refuses it once more. */
const MAX_REFUSALS = 2;
/** When so many spans wait, so many are written at once; about 0.1 ms. */
const AHEAD_SPANS = 64;

/** Which batches a flush waits for. */
interface Waiter {
  upTo: number;
  readonly done: () => void;
}

/**
 * Sends what the assembly makes in short runs, and goes on at a later turn of the event loop when
 * the time or the pace of a run is used up. Its timers never keep the process alive, except while
 * somebody awaits a flush.
 */
export class Runs {
  readonly #options: RunsOptions;
  readonly #outbox: Outbox;
  /** Handed to the kernel in this order, in which their answers come too; of those so many. */
  #inFlight: Datagram[] = [];
  #answered = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The timer waits for more to come, and not for a pace or a network. */
  #gathering = false;
  #immediate: NodeJS.Immediate | undefined;
  #soon = false;
  #isWriting = false;
  #waiters: readonly Waiter[] = [];

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.assembly, options.tally);
  }

  /**
   * A request has ended: when many wait, writes them, as far as there is room. What is written the
   * garbage collector need not carry on, and many together keep the code in the processor's cache.
   * A run sends them.
   */
  writeAhead(): void {
    const { link, tally } = this.#options;
    const left = tally.queued - AHEAD_SPANS;
    // What is said while a span is translated may end another one.
    if (left >= 0 && !this.#isWriting && link.open) {
      while (tally.queued > left && this.#outbox.takesMore) this.#step();
    }
    this.wake();
  }

  /** There is something to send: starts a run soon. */
  wake(): void {
    if (this.#immediate !== undefined || this.#soon) return;
    if (this.#timer !== undefined) {
      if (this.#gathering && this.#outbox.holdsBurst) this.#next();
      return;
    }
    if (!this.#options.eager) {
      this.#later(GATHER_MS);
      this.#gathering = true;
      return;
    }
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#run();
    });
  }

  /** Sends all that was added before: at once as far as time and pace allow. */
  flush(timeoutMs: number): Promise<void> {
    const sent = this.sent(timeoutMs);
    if (!this.#idle()) this.#run();
    return sent;
  }

  /** Resolves when all that was added before is sent, by runs in their own time. */
  sent(timeoutMs: number): Promise<void> {
    if (this.#idle()) return Promise.resolve();
    this.#timer?.ref();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        warnOnce(`a flush gave up waiting after ${timeoutMs} ms; what is queued stays queued`);
        waiter.done();
      }, timeoutMs);
      const waiter: Waiter = {
        upTo: this.#options.assembly.added,
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
   * Sends all before it returns. Keeps the pace by blocking, for at most `deadlineMs`, then sends
   * the rest without a pace. For the last moments of a process only.
   */
  flushSync(deadlineMs: number): void {
    const { link, now, pace, sleep } = this.#options;
    const endMs = now() + deadlineMs;
    link.refresh(now());
    for (;;) {
      const end = this.#work(Number.POSITIVE_INFINITY, now() >= endMs);
      if (end !== 'pace') return;
      const { first } = this.#outbox;
      const size = first === undefined ? 0 : first.end - first.start;
      sleep(Math.max(0, Math.min(pace.waitMs(size, now()), endMs - now())));
    }
  }

  /** Stops the timers; what is queued stays there. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#gathering = false;
    this.#immediate = undefined;
  }

  #idle(): boolean {
    return this.#outbox.empty && this.#inFlight.length === 0;
  }

  readonly #run = (): void => {
    const { link, now, tally } = this.#options;
    this.stop();
    const startMs = now();
    link.refresh(startMs);
    const isBusy = tally.queued + tally.written > BUSY_SPANS;
    const end = this.#work(startMs + (isBusy ? BUSY_RUN_MS : RUN_MS), false);
    if (end === 'time') this.#next();
    else if (end !== 'empty') this.#later(end === 'pace' ? 1 : BLOCKED_MS);
    this.#settle();
  };

  /**
   * Runs in this turn of the event loop, or the next. The immediate is not unref()ed, for then the
   * event loop sleeps until something else happens. It never waits for anything, so a program that
   * ends does not end later by it.
   */
  #next(): void {
    this.stop();
    this.#immediate = setImmediate(this.#run);
  }

  #later(ms: number): void {
    this.#timer = setTimeout(this.#run, ms);
    if (this.#waiters.length === 0) this.#timer.unref();
  }

  /** Ends the flushes whose part is sent. */
  #settle(): void {
    if (this.#waiters.length === 0 || this.#inFlight.length > 0) return;
    if (this.#outbox.first !== undefined || this.#outbox.repeats) return;
    for (const waiter of this.#waiters) {
      if (this.#options.assembly.finished >= waiter.upTo) waiter.done();
    }
  }

  #work(untilMs: number, ignorePace: boolean): RunEnd {
    const { link, now } = this.#options;
    if (!link.open) return this.#idle() ? 'empty' : 'blocked';
    for (;;) {
      if (!this.#write(untilMs)) return 'time';
      if (this.#outbox.first === undefined) return 'empty';
      const end = this.#sendBurst(ignorePace);
      if (end !== undefined) return end;
      if (now() >= untilMs) return this.#outbox.empty ? 'empty' : 'time';
    }
  }

  /**
   * Writes datagrams until there is a burst of them, or nothing left to write.
   *
   * They are sent right behind each other, because a datagram that comes alone wakes the receiver,
   * which costs the sender several times what the datagram does (spec/performance.md section 3).
   *
   * @returns `false` when the time was up before
   */
  #write(untilMs: number): boolean {
    while (!this.#outbox.holdsBurst && !this.#outbox.written) {
      this.#step();
      if (this.#options.now() >= untilMs) return this.#outbox.written;
    }
    return true;
  }

  #step(): void {
    this.#isWriting = true;
    try {
      this.#outbox.step();
    } finally {
      this.#isWriting = false;
    }
  }

  /** @returns why it stopped; `undefined` when all of a burst was sent */
  #sendBurst(ignorePace: boolean): RunEnd | undefined {
    const { link, now } = this.#options;
    if (link.waiting > MAX_WAITING) return 'blocked';
    const nowMs = now();
    const burst = this.#outbox.burst();
    let sent = 0;
    while (sent < burst.length && this.#send(burst[sent] as Datagram, nowMs, ignorePace)) sent += 1;
    this.#outbox.forget(sent);
    return sent === burst.length ? undefined : 'pace';
  }

  /** @returns `false` when the pace does not allow it yet */
  #send(datagram: Datagram, nowMs: number, ignorePace: boolean): boolean {
    const { link, pace, tally, dump } = this.#options;
    const { sink, start, end, documents, refusals } = datagram;
    if (!pace.take(end - start, nowMs) && !ignorePace) return false;
    const bytes = sink.bytes.subarray(start, end);
    if (dump !== undefined && refusals === 0) this.#dump(dump, bytes);
    this.#count(datagram, 1);
    tally.written -= documents;
    this.#inFlight.push(datagram);
    link.send(bytes, this.#answer);
    return true;
  }

  /** One for all datagrams, as a closure for each would cost as much as half of what Node's send does. */
  readonly #answer = (error: NodeJS.ErrnoException | null): void => {
    const datagram = this.#inFlight[this.#answered] as Datagram;
    this.#answered += 1;
    if (error !== null) {
      this.#count(datagram, -1);
      this.#failed(error, datagram);
    }
    if (this.#answered < this.#inFlight.length) return;
    this.#inFlight = [];
    this.#answered = 0;
    this.#outbox.reuse();
    this.#settle();
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
      warnOnce(`documents cannot be dumped: ${(error as Error).message}`);
    }
  }

  #failed(error: NodeJS.ErrnoException, { sink, start, end, documents, refusals }: Datagram): void {
    const { link, tally } = this.#options;
    const bytes = sink.bytes.subarray(start, end);
    link.failed(error);
    const code = error.code ?? error.name;
    tally.sendErrors[code] = (tally.sendErrors[code] ?? 0) + 1;
    if (code === 'EMSGSIZE' && this.#sendSmaller(bytes)) return;
    // The kernel reports with this send that an earlier one found nobody; this one did not leave.
    if (code === 'ECONNREFUSED' && refusals < MAX_REFUSALS) {
      this.#outbox.refused({ bytes: Buffer.from(bytes), documents, refusals: refusals + 1 });
      this.wake();
      return;
    }
    tally.dropped['send-error'] += documents;
    warnOnce(`documents are lost: ${error.message}`, `send ${code}`);
  }

  /**
   * Learns from a datagram that was too long, and takes its documents apart again.
   *
   * @returns `false` when there is nothing to learn any more
   */
  #sendSmaller(bytes: Buffer): boolean {
    const { assembly } = this.#options;
    const size = bytes.length - FRAME_HEADER_BYTES;
    // No document is made longer than the one limit or shorter than the other.
    if (size <= LEAST_DOCUMENT_BYTES || size > MAX_DOCUMENT_BYTES) return false;
    if (size <= assembly.maxDocumentBytes) {
      const half = Math.floor(bytes.length / 2) - FRAME_HEADER_BYTES;
      assembly.maxDocumentBytes = Math.max(LEAST_DOCUMENT_BYTES, half);
      warnOnce(
        `the network does not carry a datagram of ${bytes.length} bytes; documents are now cut ` +
          `or split at ${assembly.maxDocumentBytes}`,
      );
    }
    const document = JSON.parse(bytes.toString('utf8', FRAME_HEADER_BYTES)) as SegmentDocument;
    assembly.addDocuments(flatten(document));
    for (const waiter of this.#waiters) waiter.upTo = assembly.added;
    this.wake();
    return true;
  }
}
