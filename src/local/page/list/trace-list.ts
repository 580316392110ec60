import { type Signal, signal } from '@preact/signals';
import { getTraceSummaries } from '../api.ts';
import { rangeOf } from '../time-range.ts';
import { type Item, itemOf, merged } from './items.ts';
import { SeenValues } from './seen.ts';

export interface ListState {
  readonly items: readonly Item[];
  /** Number of rows inserted above others since the list was created. */
  readonly addedAbove: number;
  readonly loading: boolean;
  /** Whether all matching traces are loaded. */
  readonly complete: boolean;
  readonly error: Error | undefined;
}

const EMPTY: ListState = {
  items: [],
  addedAbove: 0,
  loading: true,
  complete: false,
  error: undefined,
};
/** Number of rows loaded without scrolling. */
const LOAD_AHEAD = 10_000;
/** Maximum number of pages read to reach known traces. */
const MAX_CATCH_UP = 20;
const PAUSE_MS = 15;
/** Updates of the list while further pages load. */
const UPDATE_MS = 300;

/** The traces of one filter and time range: read page by page, kept up to date. */
export class TraceList {
  readonly state: Signal<ListState> = signal(EMPTY);
  readonly seen: SeenValues = new SeenValues();
  readonly #filter: string;
  readonly #range: string;
  readonly #known = new Set<string>();
  readonly #controller = new AbortController();
  /** A token is valid only for the range of its first page. */
  readonly #askedAt = new Map<string, number>();
  #wanted = LOAD_AHEAD;
  #token: string | undefined;
  #running = false;
  #catchingUp = false;
  #behind = false;

  constructor(filter: string, range: string) {
    this.#filter = filter;
    this.#range = range;
    void this.#load();
  }

  close(): void {
    this.#controller.abort();
  }

  /** Continues to load until `count` rows are loaded. */
  want(count: number): void {
    this.#wanted = Math.max(this.#wanted, count);
    if (this.#token !== undefined) void this.#load();
  }

  /** Loads the traces that are new since the last call. */
  async catchUp(): Promise<void> {
    this.#behind = true;
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    try {
      while (this.#behind) {
        this.#behind = false;
        await this.#readNew();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#catchingUp = false;
    }
  }

  async #load(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      // The first page is shown at once, further ones together: each update draws the list again.
      let pending: Item[] = [];
      let updatedAt = Number.NEGATIVE_INFINITY;
      let hasMore = true;
      while (hasMore) {
        const page = await this.#page(this.#token);
        this.#token = page.token;
        pending.push(...page.items);
        const count = this.state.value.items.length + pending.length;
        hasMore = page.token !== undefined && count < this.#wanted;
        if (!hasMore || performance.now() - updatedAt >= UPDATE_MS) {
          this.#add(pending, { complete: page.token === undefined });
          pending = [];
          updatedAt = performance.now();
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#running = false;
    }
  }

  async #readNew(): Promise<void> {
    const known = new Set(this.#known);
    let token: string | undefined;
    for (let pages = 0; pages < MAX_CATCH_UP; pages++) {
      const page = await this.#page(token);
      this.#add(page.items);
      token = page.token;
      if (token === undefined || page.items.some(({ id }) => known.has(id))) return;
    }
  }

  async #page(
    token: string | undefined,
  ): Promise<{ items: readonly Item[]; token: string | undefined }> {
    const now = (token !== undefined && this.#askedAt.get(token)) || Date.now();
    const range = rangeOf(this.#range, now);
    const reply = await getTraceSummaries(range, this.#filter, token, this.#controller.signal);
    if (token !== undefined) this.#askedAt.delete(token);
    if (reply.NextToken) this.#askedAt.set(reply.NextToken, now);
    const summaries = reply.TraceSummaries ?? [];
    for (const summary of summaries) this.seen.add(summary);
    return { items: summaries.map(itemOf), token: reply.NextToken || undefined };
  }

  #add(fresh: readonly Item[], more: Partial<ListState> = {}): void {
    const { value } = this.state;
    const items = merged(value.items, fresh, (id) => this.#known.has(id));
    for (const { id } of fresh) this.#known.add(id);
    const first = value.items[0];
    const above = first === undefined ? 0 : items.findIndex(({ id }) => id === first.id);
    this.state.value = {
      ...value,
      items,
      addedAbove: value.addedAbove + Math.max(above, 0),
      loading: false,
      error: undefined,
      ...more,
    };
  }

  #failed(error: unknown): void {
    if ((error as Error).name === 'AbortError') return;
    this.state.value = { ...this.state.value, loading: false, error: error as Error };
  }
}
