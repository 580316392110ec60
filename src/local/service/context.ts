import type { Ingester } from '../ingest.ts';
import type { JsonObject } from '../json.ts';
import type { Store } from '../store/store.ts';

/** Dependencies of the operations. */
export interface ServiceContext {
  readonly store: Store;
  readonly ingester: Ingester;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly region: string;
  readonly account: string;
  /** Called with the documents of PutTraceSegments as received. */
  readonly arrived: (texts: readonly string[]) => void;
  /** Called when rules, their counters or their pollers changed. */
  readonly rulesChanged: () => void;
}

export type Operation = (input: JsonObject) => unknown | Promise<unknown>;
/** Path → operation. */
export type Operations = Readonly<Record<string, Operation>>;
