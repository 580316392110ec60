/**
 * Returns a new list that will hold spans. Lists of this kind may be allocated in V8's old generation,
 * where everything that a dead list refers to survives until the next major collection. A list that starts
 * with an item leaves a block with this item behind when it grows.
 */
export function emptyList<T>(): T[] {
  return [];
}

/** Removes all items of a list that is no longer used, so that it keeps none of them alive. */
export function clearList(list: unknown[]): void {
  while (list.length > 0) list.pop();
}
