import { checkDocuments, checkRecord, type Refusal } from './daemon/check.ts';
import { parseMessage } from './daemon/message.ts';
import type { JsonObject } from './json.ts';
import { documentsOfOtlp } from './otlp/documents.ts';
import { type Problem, ProblemList, refusedProblem } from './problems.ts';
import { ageNote } from './schema/notes.ts';
import type { NewDocument, Store, Via } from './store/store.ts';

export interface Counts {
  /** Stored now. */
  readonly traces: number;
  readonly documents: number;
  readonly bytes: number;
  /** Documents received since the start, accepted and refused. */
  readonly received: number;
  readonly refused: number;
  /** Messages that are not X-Ray's. */
  readonly foreign: number;
  /** Messages of spans that were not sampled, which X-Ray does not keep. */
  readonly unsampled: number;
}

export interface IngesterOptions {
  /** Refuses documents whose trace id has a time too far in the past or future. */
  readonly strictAge: boolean;
  /** Refuses documents of traces above X-Ray's size. */
  readonly strictSize: boolean;
}

export interface IngesterListener {
  readonly changed: (traceIds: readonly string[]) => void;
  readonly problem: (problem: Problem) => void;
  /** The store can no longer be written. */
  readonly failed: (error: Error) => void;
}

/** Datagrams wait until the end of the event loop turn; this bounds how many wait. */
const BATCH = 512;
/** X-Ray's limit for the documents of a trace, in bytes. */
export const MAX_TRACE_BYTES: number = 500 * 1024;

/** Checks, counts and stores every received document and notifies listeners. */
export class Ingester {
  readonly #store: Store;
  readonly #options: IngesterOptions;
  readonly #problems = new ProblemList();
  readonly #tell: IngesterListener;
  #queue: NewDocument[] = [];
  #flushPlanned = false;
  #counts = { received: 0, refused: 0, foreign: 0, unsampled: 0 };

  constructor(store: Store, options: IngesterOptions, tell: IngesterListener) {
    this.#store = store;
    this.#options = options;
    this.#tell = tell;
  }

  /** One UDP message. Never throws. */
  datagram(datagram: Buffer, via: Via = 'udp'): void {
    const message = parseMessage(datagram);
    if (message.kind === 'document') this.#queue.push(...this.#check(message.text, via).documents);
    else if (message.kind === 'otlp' && !message.sampled) this.#counts.unsampled += 1;
    else if (message.kind === 'otlp') this.#otlp(message.body, datagram);
    else this.#foreign(message.reason, datagram, via);
    if (this.#queue.length >= BATCH) this.#flushQuietly();
    else if (!this.#flushPlanned && this.#queue.length > 0) {
      this.#flushPlanned = true;
      setImmediate(() => this.#flushQuietly());
    }
  }

  /**
   * Documents of a call of PutTraceSegments; stored when this returns.
   *
   * @returns what X-Ray would refuse
   */
  documents(texts: readonly string[], via: Via): readonly Refusal[] {
    const checked = texts.map((text) => this.#check(text, via));
    this.#queue.push(...checked.flatMap(({ documents }) => documents));
    this.flush();
    return checked.flatMap(({ refusals }) => refusals);
  }

  /**
   * Documents of a file; stored when this returns. X-Ray compiles the documents of a trace into
   * larger ones, so the limit for one document does not apply.
   *
   * @returns how many were stored
   */
  file(records: readonly JsonObject[]): number {
    let stored = 0;
    for (const record of records) {
      this.#counts.received += 1;
      const result = checkRecord(record);
      const body = JSON.stringify(record);
      if (result.ok) {
        this.#queue.push({ id: result.id, traceId: result.traceId, record, body, via: 'file' });
        stored += 1;
      } else {
        this.#counts.refused += 1;
        this.#problem(refusedProblem(result.refusal, body, 'file', Date.now()));
      }
    }
    this.flush();
    return stored;
  }

  /** Stores the queued documents. */
  flush(): void {
    this.#flushPlanned = false;
    if (this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    const changed = this.#store.put(batch, Date.now() / 1000);
    if (changed.length > 0) this.#tell.changed(changed);
  }

  counts(): Counts {
    return { ...this.#store.size, ...this.#counts };
  }

  problems(): readonly Problem[] {
    return this.#problems.all();
  }

  #flushQuietly(): void {
    try {
      this.flush();
    } catch (error) {
      this.#tell.failed(error as Error);
    }
  }

  #otlp(body: Buffer, datagram: Buffer): void {
    try {
      for (const { document, span } of documentsOfOtlp(body)) {
        const { documents } = this.#check(JSON.stringify(document), 'otlp');
        this.#queue.push(...documents.map((each) => ({ ...each, span: JSON.stringify(span) })));
      }
    } catch (error) {
      this.#foreign(`invalid OTLP: ${(error as Error).message}`, datagram, 'otlp');
    }
  }

  #check(
    text: string,
    via: Via,
  ): { readonly documents: readonly NewDocument[]; readonly refusals: readonly Refusal[] } {
    const documents: NewDocument[] = [];
    const refusals: Refusal[] = [];
    const results = checkDocuments(text);
    for (const result of results) {
      this.#counts.received += 1;
      const refusal = result.ok ? this.#strictRefusal(result, text) : result.refusal;
      if (result.ok && refusal === undefined) {
        const { id, traceId, record } = result;
        const body = results.length === 1 ? text : JSON.stringify(record);
        documents.push({ id, traceId, record, body, via });
      } else if (refusal) {
        this.#counts.refused += 1;
        refusals.push(refusal);
        this.#problem(refusedProblem(refusal, text, via, Date.now()));
      }
    }
    return { documents, refusals };
  }

  #strictRefusal(
    { id, traceId }: { readonly id: string; readonly traceId: string },
    text: string,
  ): Refusal | undefined {
    const age = this.#options.strictAge ? ageNote(traceId, Date.now() / 1000) : undefined;
    if (age !== undefined) {
      const message = 'Invalid segment. ErrorCode: InvalidTraceId';
      return { code: 'InvalidTraceId', message, reason: age, id, traceId };
    }
    const bytes = this.#options.strictSize ? this.#store.bytesOf(traceId) + text.length : 0;
    if (bytes <= MAX_TRACE_BYTES) return undefined;
    return {
      code: 'InvalidSegment',
      message:
        'Trace Size Exceeded. Reduce the number of segments per trace and the size of your segment documents.',
      reason: `the trace would have ${bytes} bytes; the limit is ${MAX_TRACE_BYTES}`,
      id,
      traceId,
    };
  }

  #foreign(reason: string, datagram: Buffer, via: Via): void {
    this.#counts.foreign += 1;
    const text = datagram.toString('utf8', 0, 4096);
    this.#problem({ at: Date.now(), via, kind: 'foreign', reason, text });
  }

  #problem(problem: Problem): void {
    this.#tell.problem(this.#problems.add(problem));
  }
}
