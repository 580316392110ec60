import { checkDocuments, type Refusal } from './daemon/check.ts';
import type { Message } from './daemon/message.ts';
import { type Problem, ProblemList, refusedProblem } from './problems.ts';
import type { NewDocument, Store, Via } from './store/store.ts';

export interface Counts {
  /** Kept now. */
  readonly traces: number;
  readonly documents: number;
  readonly bytes: number;
  /** Since the start. */
  readonly received: number;
  readonly refused: number;
  /** Messages that are not X-Ray's. */
  readonly foreign: number;
}

/** Datagrams wait at most for the end of the event loop's turn; this bounds a flood in one turn. */
const BATCH = 512;

/** Everything that arrives passes here: checked, counted, stored, announced. */
export class Intake {
  readonly #store: Store;
  readonly #problems = new ProblemList();
  readonly #tell: {
    readonly changed: (traceIds: readonly string[]) => void;
    readonly problem: (problem: Problem) => void;
  };
  #queue: NewDocument[] = [];
  #flushPlanned = false;
  #counts = { received: 0, refused: 0, foreign: 0 };

  constructor(
    store: Store,
    tell: {
      readonly changed: (traceIds: readonly string[]) => void;
      readonly problem: (problem: Problem) => void;
    },
  ) {
    this.#store = store;
    this.#tell = tell;
  }

  /** One UDP message. Never throws. */
  datagram(message: Message, datagram: Buffer): void {
    if (message.kind === 'foreign' || message.kind === 'otlp') {
      const reason = message.kind === 'foreign' ? message.reason : 'OTLP';
      this.#foreign(reason, datagram.toString('utf8', 0, 4096), 'udp');
      return;
    }
    const { documents } = this.#check(message.text, 'udp');
    this.#queue.push(...documents);
    if (this.#queue.length >= BATCH) this.flush();
    else if (!this.#flushPlanned) {
      this.#flushPlanned = true;
      setImmediate(() => this.flush());
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

  /** Stores what waits. */
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

  #check(
    text: string,
    via: Via,
  ): { readonly documents: readonly NewDocument[]; readonly refusals: readonly Refusal[] } {
    const documents: NewDocument[] = [];
    const refusals: Refusal[] = [];
    const results = checkDocuments(text);
    for (const result of results) {
      this.#counts.received += 1;
      if (result.ok) {
        const { id, traceId, record } = result;
        const body = results.length === 1 ? text : JSON.stringify(record);
        documents.push({ id, traceId, record, body, via });
      } else {
        this.#counts.refused += 1;
        refusals.push(result.refusal);
        this.#problem(refusedProblem(result.refusal, text, via, Date.now()));
      }
    }
    return { documents, refusals };
  }

  #foreign(reason: string, text: string, via: Via): void {
    this.#counts.foreign += 1;
    this.#problem({ at: Date.now(), via, kind: 'foreign', reason, text });
  }

  #problem(problem: Problem): void {
    this.#tell.problem(this.#problems.add(problem));
  }
}
