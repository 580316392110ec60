/** An entry of an {@link OpenList}, which refers to its neighbours. */
export interface OpenEntry {
  older?: OpenEntry | undefined;
  newer?: OpenEntry | undefined;
}

/** Requests or calls that have not ended, in the order of their start. */
export interface OpenList<T extends OpenEntry> {
  readonly size: number;
  readonly oldest: T | undefined;
  add(entry: T): void;
  /** Does nothing if the entry is not in the list. */
  remove(entry: T): void;
  /** Returns a copy. */
  all(): readonly T[];
}

/**
 * Creates an empty list, for entries that come and go with each request. A `Set` would move to a new
 * table again and again; as soon as one of its tables is in V8's old generation, the tables of all later
 * requests survive until the next major collection, with everything they refer to.
 */
export function createOpenList<T extends OpenEntry>(): OpenList<T> {
  return new LinkedList<T>();
}

/** A class, because V8 looks up each member of a literal with getters by its name. */
class LinkedList<T extends OpenEntry> implements OpenList<T> {
  size = 0;
  oldest: T | undefined = undefined;
  #newest: T | undefined = undefined;

  add(entry: T): void {
    entry.older = this.#newest;
    if (this.#newest === undefined) this.oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
    this.size += 1;
  }

  remove(entry: T): void {
    const older = entry.older as T | undefined;
    const newer = entry.newer as T | undefined;
    if (older === undefined && entry !== this.oldest) return;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    entry.older = undefined;
    entry.newer = undefined;
    this.size -= 1;
  }

  all(): readonly T[] {
    const entries: T[] = [];
    for (let entry = this.oldest; entry !== undefined; entry = entry.newer as T | undefined)
      entries.push(entry);
    return entries;
  }
}
