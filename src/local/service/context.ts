import type { Ingester } from '../ingest.ts';
import type { JsonObject } from '../json.ts';
import type { Store } from '../store/store.ts';

/** What the operations work with. */
export interface ServiceContext {
  readonly store: Store;
  readonly ingester: Ingester;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly region: string;
  readonly account: string;
  /** Told of the documents of PutTraceSegments, as they came. */
  readonly arrived: (texts: readonly string[]) => void;
  /** Told when rules, their counters or their pollers changed. */
  readonly rulesChanged: () => void;
}

export type Operation = (input: JsonObject) => unknown | Promise<unknown>;
/** Path → operation. */
export type Operations = Readonly<Record<string, Operation>>;
