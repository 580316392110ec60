/** Of the kind of lists that hold objects. */
const EMPTY: unknown[] = [undefined];
EMPTY.pop();

/**
 * Returns a new list that will hold spans. It is a copy: V8 may decide to allocate the lists of a literal, `[]`,
 * in the old generation, where a dead list keeps what it refers to until the next major collection.
 */
export function emptyList<T>(): T[] {
  return EMPTY.slice() as T[];
}

/** Removes all items of a list that is no longer used, so that it keeps none of them alive. */
export function clearList(list: unknown[]): void {
  while (list.length > 0) list.pop();
}
