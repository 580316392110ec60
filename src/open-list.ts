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
  let oldest: T | undefined;
  let newest: T | undefined;
  let size = 0;
  return {
    get size() {
      return size;
    },
    get oldest() {
      return oldest;
    },
    add(entry) {
      entry.older = newest;
      if (newest === undefined) oldest = entry;
      else newest.newer = entry;
      newest = entry;
      size += 1;
    },
    remove(entry) {
      const older = entry.older as T | undefined;
      const newer = entry.newer as T | undefined;
      if (older === undefined && entry !== oldest) return;
      if (older === undefined) oldest = newer;
      else older.newer = newer;
      if (newer === undefined) newest = older;
      else newer.older = older;
      entry.older = undefined;
      entry.newer = undefined;
      size -= 1;
    },
    all() {
      const entries: T[] = [];
      for (let entry = oldest; entry !== undefined; entry = entry.newer as T | undefined)
        entries.push(entry);
      return entries;
    },
  };
}
