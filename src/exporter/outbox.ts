import type { Assembly, Datagram } from './assembly.ts';
import type { Tally } from './counters.ts';
import { ByteSink } from './sink.ts';

/** A datagram that the kernel did not take. */
export interface Refused {
  readonly bytes: Buffer;
  readonly documents: number;
  readonly refusals: number;
}

/** Sent right behind each other; a fraction of what the daemon's socket holds. */
const BURST_BYTES = 24 * 1024;
export const BURST_DATAGRAMS = 16;
/** More than the pace lets one run send, so that a datagram lies there until its error is known. */
const OUT_BYTES = 256 * 1024;
/** Written before a run asks for it: at most this much, in at most so many datagrams. */
const AHEAD_BYTES = 128 * 1024;
const AHEAD_DATAGRAMS = 2 * BURST_DATAGRAMS;

/** Datagrams that are written and not sent, in the order in which they go. */
export class Outbox {
  readonly #assembly: Assembly;
  readonly #tally: Tally;
  #sink: ByteSink = new ByteSink(OUT_BYTES);
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
    return !this.written && this.#ready.length < AHEAD_DATAGRAMS && this.#sink.length < AHEAD_BYTES;
  }

  /** Writes the next piece of what is to be written. */
  step(): void {
    const next = this.#repeated() ?? this.#assembly.step(this.#sink);
    if (next === undefined) return;
    this.#ready.push(next);
    this.#readyBytes += next.end - next.start;
  }

  /** The bytes of one that waits; they stay as they are until {@link renew}. */
  bytesOf({ start, end }: Datagram): Buffer {
    return this.#sink.bytes.subarray(start, end);
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

  /** Nobody needs what was sent any more. */
  reuse(): void {
    if (this.#ready.length === 0) this.#sink.length = 0;
  }

  /**
   * Makes room when there is little left: what waits moves to the front.
   *
   * @param inUse whether the kernel, or the reader of an error, still needs what was sent
   */
  renew(inUse: boolean): void {
    if (this.#sink.length < AHEAD_BYTES) return;
    const old = this.#sink;
    if (inUse) this.#sink = new ByteSink(OUT_BYTES);
    const from = this.#ready[0]?.start ?? 0;
    const to = this.#ready.at(-1)?.end ?? 0;
    this.#sink.length = 0;
    this.#sink.copy(old, from, to);
    if (from === 0) return;
    this.#ready = this.#ready.map((datagram) => ({
      ...datagram,
      start: datagram.start - from,
      end: datagram.end - from,
    }));
  }

  #repeated(): Datagram | undefined {
    const refused = this.#again.shift();
    if (refused === undefined) return undefined;
    const { bytes, documents, refusals } = refused;
    const start = this.#sink.length;
    this.#sink.constant(bytes);
    return { start, end: this.#sink.length, documents, refusals };
  }
}
