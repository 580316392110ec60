/** Rows from `first` up to, but not including, `last`. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Extends the drawn rows towards the wanted ones: first those in view, then those around it.
 *
 * @param drawn rows that are drawn already; `undefined` for none
 * @param most maximum number of rows that are added
 */
export function grownRange(
  drawn: RowRange | undefined,
  inView: RowRange,
  wanted: RowRange,
  most: number,
): RowRange {
  let first = Math.max(drawn?.first ?? 0, wanted.first);
  let last = Math.min(drawn?.last ?? 0, wanted.last);
  if (first >= last) first = last = inView.first;
  let left = most;
  for (const goal of [inView, wanted]) {
    const below = Math.min(Math.max(goal.last - last, 0), left);
    const above = Math.min(Math.max(first - goal.first, 0), left - below);
    last += below;
    first -= above;
    left -= below + above;
  }
  return { first, last };
}
