import type { Events } from './events.ts';
import type { Output } from './outputs.ts';
import type { QuietPeriodTracker } from './quiet-period.ts';
import type { Store, StoredTrace } from './store/store.ts';
import { assemble, type Trace } from './trace/assemble.ts';
import { localTrace } from './trace-view.ts';
import type { LocalXRayEvents } from './types.ts';

const TICK_MS = 50;
/** Milliseconds per tick for stale traces; the rest of the time is for received messages. */
const REFRESH_MS = 10;
/** Maximum number of traces emitted per tick. */
const ANNOUNCED_AT_ONCE = 300;

export interface AnnouncerDeps {
  readonly store: Store;
  readonly quietPeriods: QuietPeriodTracker;
  readonly events: Events<LocalXRayEvents>;
  /** Receive traces after their quiet period. */
  readonly outputs: readonly Output<Trace>[];
  readonly notify: (message: string) => void;
}

/** Emits traces, and passes them to the outputs, after their quiet period. */
export class Announcer {
  readonly #deps: AnnouncerDeps;
  #ticker: NodeJS.Timeout | undefined;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#ticker);
  }

  /** Emits the traces whose quiet period has not ended, too. */
  announceAll(): void {
    this.#announce(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  #tick(): void {
    const { store, notify } = this.#deps;
    try {
      this.#announce(Date.now(), ANNOUNCED_AT_ONCE);
      store.refresh(REFRESH_MS);
    } catch (error) {
      notify(`the store cannot be read: ${(error as Error).message}`);
    }
  }

  #announce(nowMs: number, limit: number): void {
    const { store, quietPeriods, events, outputs } = this.#deps;
    const loaded = new Map<string, readonly [StoredTrace, Trace]>();
    const load = (id: string): readonly [StoredTrace, Trace] | undefined => {
      const stored = store.trace(id);
      if (stored !== undefined) loaded.set(id, [stored, assemble(id, stored.documents)]);
      return loaded.get(id);
    };
    const isPartial = (id: string): boolean => load(id)?.[1].partial === true;
    for (const id of quietPeriods.takeQuiet(nowMs, isPartial, limit)) {
      const [stored, trace] = loaded.get(id) ?? load(id) ?? [];
      if (stored === undefined) continue;
      for (const output of outputs) output.send(trace as Trace);
      events.emit('trace', localTrace(stored, trace));
    }
  }
}
