import type { BatchWriter, Datagram } from '../batch/batch-writer.ts';
import type { MutableCounters } from '../counters.ts';
import { ByteWriter } from '../encode/byte-writer.ts';

/** A datagram that the kernel refused and that is sent again. */
export interface RefusedDatagram {
  readonly bytes: Buffer;
  readonly documents: number;
  readonly refusals: number;
}

/** Sent back to back; a fraction of what the daemon's socket buffers. */
const BURST_BYTES = 24 * 1024;
const BURST_DATAGRAMS = 16;
/** Datagrams are written into buffers of this size, up to where the longest one might not fit. */
const BUFFER_BYTES = 256 * 1024;
const FULL_BYTES = BUFFER_BYTES - 64 * 1024;
/** Limit for datagrams written ahead of the send loop; a full span queue encodes to about twice this. */
const AHEAD_BYTES = 1024 * 1024;

/** Encoded datagrams that wait to be sent, in sending order. */
export class SendQueue {
  readonly #batchWriter: BatchWriter;
  readonly #counters: MutableCounters;
  #sink: ByteWriter = new ByteWriter(BUFFER_BYTES);
  /** Full buffers, older than `#sink`. */
  #full: ByteWriter[] = [];
  #spare: ByteWriter | undefined;
  #ready: Datagram[] = [];
  #readyBytes = 0;
  /** Sent again before anything new. */
  #refused: RefusedDatagram[] = [];

  constructor(assembly: BatchWriter, tally: MutableCounters) {
    this.#batchWriter = assembly;
    this.#counters = tally;
  }

  /** The next datagram to send. */
  get first(): Datagram | undefined {
    return this.#ready[0];
  }

  /** Whether refused datagrams wait to be sent again. */
  get hasRefused(): boolean {
    return this.#refused.length > 0;
  }

  /** Whether nothing is left to encode or to requeue. */
  get allWritten(): boolean {
    return this.#batchWriter.isEmpty && !this.hasRefused;
  }

  /** Whether nothing is left to encode or to send. */
  get empty(): boolean {
    return this.#ready.length === 0 && this.allWritten;
  }

  /** Whether a full burst is ready to send. */
  get hasBurst(): boolean {
    return this.#ready.length >= BURST_DATAGRAMS || this.#readyBytes >= BURST_BYTES;
  }

  /** Whether there is something to encode and room for it. */
  get hasRoom(): boolean {
    return !this.allWritten && this.#readyBytes < AHEAD_BYTES;
  }

  /** Does the next step of encoding; most steps write one datagram, some write none. */
  writeNext(): void {
    if (this.#sink.length > FULL_BYTES) this.#nextBuffer();
    const next = this.#nextRefused() ?? this.#batchWriter.writeNext(this.#sink);
    if (next === undefined) return;
    this.#ready.push(next);
    this.#readyBytes += next.end - next.start;
  }

  #nextBuffer(): void {
    this.#full.push(this.#sink);
    this.#sink = this.#spare ?? new ByteWriter(BUFFER_BYTES);
    this.#spare = undefined;
  }

  /** Returns the next burst, or what is ready of it. */
  burst(): readonly Datagram[] {
    return this.#ready.length <= BURST_DATAGRAMS
      ? this.#ready
      : this.#ready.slice(0, BURST_DATAGRAMS);
  }

  /** Removes the first `count` datagrams, which were sent. */
  drop(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const { start, end } = this.#ready[index] as Datagram;
      this.#readyBytes -= end - start;
    }
    this.#ready = count === this.#ready.length ? [] : this.#ready.slice(count);
  }

  /** Queues a refused datagram to be sent again. */
  requeue(datagram: RefusedDatagram): void {
    this.#counters.written += datagram.documents;
    this.#refused.push(datagram);
  }

  /** Reuses buffers. Call it when neither the kernel nor an error handler needs sent datagrams. */
  recycleBuffers(): void {
    const inUse = this.#ready[0]?.writer;
    if (inUse === undefined) this.#sink.length = 0;
    while (this.#full.length > 0 && this.#full[0] !== inUse) {
      this.#spare = this.#full.shift() as ByteWriter;
      this.#spare.length = 0;
    }
  }

  #nextRefused(): Datagram | undefined {
    const refused = this.#refused.shift();
    if (refused === undefined) return undefined;
    const { bytes, documents, refusals } = refused;
    const sink = this.#sink;
    const start = sink.length;
    sink.writeBytes(bytes);
    return { writer: sink, start, end: sink.length, documents, refusals };
  }
}
