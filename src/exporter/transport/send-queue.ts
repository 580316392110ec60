import type { Assembly, Datagram } from '../batch/batch-writer.ts';
import type { Tally } from '../counters.ts';
import { ByteSink } from '../encode/byte-writer.ts';

/** A datagram that the kernel did not take. */
export interface Refused {
  readonly bytes: Buffer;
  readonly documents: number;
  readonly refusals: number;
}

/** Sent right behind each other; a fraction of what the daemon's socket holds. */
const BURST_BYTES = 24 * 1024;
const BURST_DATAGRAMS = 16;
/** Datagrams are written into buffers of this size, each up to where the longest may not fit. */
const BUFFER_BYTES = 256 * 1024;
const FULL_BYTES = BUFFER_BYTES - 64 * 1024;
/** Written before a run asks for it: at most this much, as what a full queue holds is about twice. */
const AHEAD_BYTES = 1024 * 1024;

/** Datagrams that are written and not sent, in the order in which they go. */
export class Outbox {
  readonly #assembly: Assembly;
  readonly #tally: Tally;
  #sink: ByteSink = new ByteSink(BUFFER_BYTES);
  /** Those before it that are full. */
  #full: ByteSink[] = [];
  #spare: ByteSink | undefined;
  #ready: Datagram[] = [];
  #readyBytes = 0;
  /** To be sent a second time, before anything new. */
  #again: Refused[] = [];

  constructor(assembly: Assembly, tally: Tally) {
    this.#assembly = assembly;
    this.#tally = tally;
  }

  /** The first that waits. */
  get first(): Datagram | undefined {
    return this.#ready[0];
  }

  /** Whether something has to be sent again. */
  get repeats(): boolean {
    return this.#again.length > 0;
  }

  /** Whether there is nothing left to write, neither new nor once more. */
  get written(): boolean {
    return this.#assembly.empty && !this.repeats;
  }

  /** Whether there is nothing left to send either. */
  get empty(): boolean {
    return this.#ready.length === 0 && this.written;
  }

  /** Whether as much waits as is sent at once. */
  get holdsBurst(): boolean {
    return this.#ready.length >= BURST_DATAGRAMS || this.#readyBytes >= BURST_BYTES;
  }

  /** Whether there is something new to write, and room for it before the next run. */
  get takesMore(): boolean {
    return !this.written && this.#readyBytes < AHEAD_BYTES;
  }

  /** Writes the next piece of what is to be written. */
  step(): void {
    if (this.#sink.length > FULL_BYTES) this.#next();
    const next = this.#repeated() ?? this.#assembly.step(this.#sink);
    if (next === undefined) return;
    this.#ready.push(next);
    this.#readyBytes += next.end - next.start;
  }

  #next(): void {
    this.#full.push(this.#sink);
    this.#sink = this.#spare ?? new ByteSink(BUFFER_BYTES);
    this.#spare = undefined;
  }

  /** The next burst, or what there is of it. */
  burst(): readonly Datagram[] {
    return this.#ready.length <= BURST_DATAGRAMS
      ? this.#ready
      : this.#ready.slice(0, BURST_DATAGRAMS);
  }

  /** Forgets the first so many, because they are sent. */
  forget(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const { start, end } = this.#ready[index] as Datagram;
      this.#readyBytes -= end - start;
    }
    this.#ready = count === this.#ready.length ? [] : this.#ready.slice(count);
  }

  /** Takes back one that was refused, to be sent again. */
  refused(datagram: Refused): void {
    this.#tally.written += datagram.documents;
    this.#again.push(datagram);
  }

  /** Neither the kernel nor the reader of an error needs what was sent any more. */
  reuse(): void {
    const inUse = this.#ready[0]?.sink;
    if (inUse === undefined) this.#sink.length = 0;
    while (this.#full.length > 0 && this.#full[0] !== inUse) {
      this.#spare = this.#full.shift() as ByteSink;
      this.#spare.length = 0;
    }
  }

  #repeated(): Datagram | undefined {
    const refused = this.#again.shift();
    if (refused === undefined) return undefined;
    const { bytes, documents, refusals } = refused;
    const sink = this.#sink;
    const start = sink.length;
    sink.constant(bytes);
    return { sink, start, end: sink.length, documents, refusals };
  }
}
