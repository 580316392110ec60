import type { BatchWriter } from '../batch/batch-writer.ts';
import type { MutableCounters } from '../counters.ts';
import { ByteWriter } from '../encode/byte-writer.ts';

/** One datagram of the queue. */
export interface QueuedDatagram {
  /** Position in the order of encoding; never reused. */
  readonly sequence: number;
  readonly bytes: Buffer;
  /** Documents in it. */
  readonly documents: number;
  /** Whether it was sent before and is now sent again. */
  readonly isRepeated: boolean;
}

export interface SendQueueOptions {
  readonly batchWriter: BatchWriter;
  readonly counters: MutableCounters;
  /** Limit in bytes for encoded datagrams; beyond it {@link SendQueue.trim} drops the oldest. */
  readonly holdBytes: number;
}

/** A buffer with datagrams, back to back. */
interface Page {
  writer: ByteWriter;
  /** Sequence number of its first datagram. */
  first: number;
  count: number;
  /** For each datagram: its start and end in the buffer. */
  readonly starts: number[];
  readonly ends: number[];
  /** For each datagram: its number of documents; 0 if it was removed. */
  readonly documents: number[];
  /** For each datagram: when it was last sent, in milliseconds, or `NEVER`, or `REFUSED`. */
  readonly sentAtMs: number[];
}

/** Sent back to back; a fraction of what the daemon's socket buffers. */
const BURST_BYTES = 24 * 1024;
const BURST_DATAGRAMS = 16;
/** Datagrams are written into buffers of this size, up to where the longest one might not fit. */
const PAGE_BYTES = 256 * 1024;
const FULL_BYTES = PAGE_BYTES - 64 * 1024;
/**
 * Pages that are kept for the next datagrams while others are in use. The kernel clears the memory of
 * a new page, which costs more than to write it.
 */
const SPARE_PAGES = 4;
/** Limit for datagrams written ahead of the send loop; a full span queue encodes to about twice this. */
const AHEAD_BYTES = 1024 * 1024;
/** Sent datagrams are kept for this long: the daemon uploads what it reads within a second. */
const KEEP_MS = 1_500;
/** Limit for sent datagrams that are kept. */
const KEEP_BYTES = 1024 * 1024;
/** Not sent yet. */
const NEVER = -1;
/** Sent, but refused. */
const REFUSED = -2;

/**
 * Encoded datagrams in sending order: first those that were sent and are kept for a while, then
 * those to be sent. {@link rewind} makes all of them unsent again, because the daemon was found to be
 * gone. Pages of bytes and lists of numbers hold them, so that no object per datagram lives long.
 */
export class SendQueue {
  readonly #options: SendQueueOptions;
  readonly #pages: Page[] = [newPage(0)];
  readonly #sparePages: Page[] = [];
  /** Sequence numbers: the oldest kept, the next to send, and the next to be written. */
  #first = 0;
  #next = 0;
  #end = 0;
  #keptBytes = 0;
  #unsentBytes = 0;

  constructor(options: SendQueueOptions) {
    this.#options = options;
  }

  get hasUnsent(): boolean {
    return this.#next < this.#end;
  }

  /** Whether nothing is left to encode. */
  get allWritten(): boolean {
    return this.#options.batchWriter.isEmpty;
  }

  /** Whether nothing is left to encode or to send. */
  get empty(): boolean {
    return !this.hasUnsent && this.allWritten;
  }

  /** Datagrams written so far. */
  get written(): number {
    return this.#end;
  }

  /** Whether a full burst is ready to send. */
  get hasBurst(): boolean {
    return this.#end - this.#next >= BURST_DATAGRAMS || this.#unsentBytes >= BURST_BYTES;
  }

  /** Datagrams and bytes to be sent. */
  get unsent(): { readonly count: number; readonly bytes: number } {
    return { count: this.#end - this.#next, bytes: this.#unsentBytes };
  }

  /** Datagrams of the next burst. */
  get burstSize(): number {
    return Math.min(BURST_DATAGRAMS, this.#end - this.#next);
  }

  /** Whether there is something to encode and room for it. */
  get hasRoom(): boolean {
    return !this.allWritten && this.#unsentBytes < AHEAD_BYTES;
  }

  /** Does the next step of encoding; most steps write one datagram, some write none. */
  writeNext(): void {
    const page = this.#pageToWrite();
    const datagram = this.#options.batchWriter.writeNext(page.writer);
    if (datagram === undefined) return;
    const { count } = page;
    page.starts[count] = datagram.start;
    page.ends[count] = datagram.end;
    page.documents[count] = datagram.documents;
    page.sentAtMs[count] = NEVER;
    page.count += 1;
    this.#end += 1;
    this.#unsentBytes += datagram.end - datagram.start;
  }

  #pageToWrite(): Page {
    const last = this.#pages[this.#pages.length - 1] as Page;
    if (last.writer.length <= FULL_BYTES) return last;
    const page = this.#sparePages.pop() ?? newPage(0);
    reset(page, this.#end);
    this.#pages.push(page);
    return page;
  }

  /** The next datagram to send. */
  peek(): QueuedDatagram | undefined {
    for (; this.#next < this.#end; this.#next += 1) {
      const page = this.#pageOf(this.#next);
      const documents = page.documents[this.#next - page.first] as number;
      if (documents > 0) return this.#datagram(page, this.#next, documents);
    }
    return undefined;
  }

  #datagram(page: Page, sequence: number, documents: number): QueuedDatagram {
    const index = sequence - page.first;
    const bytes = page.writer.bytes.subarray(page.starts[index], page.ends[index]);
    return { sequence, bytes, documents, isRepeated: page.sentAtMs[index] !== NEVER };
  }

  /** Marks the next datagram as sent. */
  markSent(nowMs: number): void {
    const page = this.#pageOf(this.#next);
    const index = this.#next - page.first;
    page.sentAtMs[index] = Math.round(nowMs);
    this.#countSent(page, index, 1);
    this.#next += 1;
  }

  /** Takes the next datagram out of the queue. Its bytes are valid until the next call. */
  take(): QueuedDatagram | undefined {
    const datagram = this.peek();
    if (datagram === undefined) return undefined;
    const page = this.#pageOf(this.#next);
    this.#takeUnsent(page, this.#next - page.first);
    this.#next += 1;
    this.#first = this.#next;
    this.#recyclePages();
    return datagram;
  }

  /** Removes a datagram that was sent and failed; returns it for its bytes and its documents. */
  remove(sequence: number): QueuedDatagram | undefined {
    if (sequence < this.#first) return undefined;
    const page = this.#pageOf(sequence);
    const index = sequence - page.first;
    const documents = page.documents[index] as number;
    if (documents === 0) return undefined;
    // A rewind may have made it unsent before its error arrived.
    if (sequence < this.#next) this.#countSent(page, index, -1);
    this.#takeUnsent(page, index);
    return this.#datagram(page, sequence, documents);
  }

  /**
   * Makes all kept datagrams unsent again.
   *
   * @param refusedMs those sent within this many milliseconds before the last one did not arrive; the
   *   others probably did
   */
  rewind(refusedMs: number): void {
    if (this.#first === this.#next) return;
    const last = this.#pageOf(this.#next - 1);
    const refusedSinceMs = (last.sentAtMs[this.#next - 1 - last.first] as number) - refusedMs;
    for (let sequence = this.#first; sequence < this.#next; sequence += 1) {
      const page = this.#pageOf(sequence);
      const index = sequence - page.first;
      this.#countSent(page, index, -1);
      if ((page.sentAtMs[index] as number) >= refusedSinceMs) page.sentAtMs[index] = REFUSED;
    }
    this.#next = this.#first;
  }

  /**
   * Forgets sent datagrams that the daemon has surely uploaded. Call it only while no send is
   * pending, as it reuses their memory.
   *
   * @param unreadBytes how much of the last datagrams the daemon has not read yet, at most
   */
  forgetOld(nowMs: number, unreadBytes: number): void {
    const keepBytes = Math.min(KEEP_BYTES, this.#options.holdBytes);
    while (this.#first < this.#next) {
      const page = this.#pages[0] as Page;
      const index = this.#first - page.first;
      const isOld = nowMs - (page.sentAtMs[index] as number) > KEEP_MS;
      if (!(isOld && this.#keptBytes - sizeOf(page, index) >= unreadBytes)) {
        if (this.#keptBytes <= keepBytes) break;
      }
      this.#forgetFirst();
    }
  }

  /**
   * Drops the oldest datagrams beyond the limit, but never the last one. Counts those that did not
   * arrive. Call it only while no send is pending.
   *
   * @returns documents that are lost
   */
  trim(): number {
    const { counters, holdBytes } = this.#options;
    let dropped = 0;
    while (this.#keptBytes + this.#unsentBytes > holdBytes && this.#end - this.#first > 1) {
      if (this.#first === this.#next) {
        const page = this.#pages[0] as Page;
        const index = this.#first - page.first;
        if ((page.sentAtMs[index] as number) >= 0) this.#countSent(page, index, 1);
        else {
          dropped += page.documents[index] as number;
          this.#takeUnsent(page, index);
        }
        this.#next += 1;
      }
      this.#forgetFirst();
    }
    counters.dropped['hold-full'] += dropped;
    return dropped;
  }

  /** The oldest datagram is always in the first page. */
  #forgetFirst(): void {
    const page = this.#pages[0] as Page;
    const index = this.#first - page.first;
    if (page.documents[index] !== 0) this.#keptBytes -= sizeOf(page, index);
    this.#first += 1;
    if (index === page.count - 1) this.#recyclePages();
  }

  #recyclePages(): void {
    for (;;) {
      const page = this.#pages[0] as Page;
      if (this.#first < page.first + page.count) return;
      if (this.#pages.length === 1) {
        if (page.count > 0) reset(page, this.#end);
        this.#sparePages.length = 0;
        return;
      }
      this.#pages.shift();
      if (this.#sparePages.length < SPARE_PAGES) this.#sparePages.push(page);
    }
  }

  /** Counts a datagram as sent, or takes that back. */
  #countSent(page: Page, index: number, datagrams: 1 | -1): void {
    const documents = page.documents[index] as number;
    if (documents === 0) return;
    const { counters } = this.#options;
    const bytes = sizeOf(page, index) * datagrams;
    this.#keptBytes += bytes;
    this.#unsentBytes -= bytes;
    counters.sent += documents * datagrams;
    counters.datagrams += datagrams;
    counters.bytes += bytes;
    if (datagrams === 1) this.#countWaiting(documents);
    else counters.held += documents;
  }

  /** Removes an unsent datagram, whose documents no longer count as waiting. */
  #takeUnsent(page: Page, index: number): void {
    this.#countWaiting(page.documents[index] as number);
    this.#unsentBytes -= sizeOf(page, index);
    page.documents[index] = 0;
  }

  /** Those that are held are the first in the queue. */
  #countWaiting(documents: number): void {
    const { counters } = this.#options;
    const held = Math.min(counters.held, documents);
    counters.held -= held;
    counters.written -= documents - held;
  }

  #pageOf(sequence: number): Page {
    let index = 0;
    // The next datagram to send is normally in the last page.
    for (index = this.#pages.length - 1; index > 0; index -= 1) {
      if ((this.#pages[index] as Page).first <= sequence) break;
    }
    return this.#pages[index] as Page;
  }
}

function newPage(first: number): Page {
  return {
    writer: new ByteWriter(PAGE_BYTES),
    first,
    count: 0,
    starts: [],
    ends: [],
    documents: [],
    sentAtMs: [],
  };
}

function reset(page: Page, first: number): void {
  // A request that turned out to be too large may have made it grow.
  if (page.writer.bytes.length > PAGE_BYTES) page.writer = new ByteWriter(PAGE_BYTES);
  page.writer.length = 0;
  page.first = first;
  page.count = 0;
}

function sizeOf({ starts, ends }: Page, index: number): number {
  return (ends[index] as number) - (starts[index] as number);
}
