/** A line of a comparison: in both texts, in the old one only, or in the new one only. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
}

/** Compares two texts line by line by their longest common subsequence. */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const lengths = commonLengths(before, after);
  const result: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const isSame = i < before.length && j < after.length && before[i] === after[j];
    if (isSame) {
      result.push({ mark: ' ', line: before[i] as string });
      i += 1;
      j += 1;
    } else if (
      j >= after.length ||
      (i < before.length && at(lengths, i + 1, j) >= at(lengths, i, j + 1))
    ) {
      result.push({ mark: '-', line: before[i] as string });
      i += 1;
    } else {
      result.push({ mark: '+', line: after[j] as string });
      j += 1;
    }
  }
  return result;
}

/** Returns how many lines the two rests have in common, in order, for each pair of places. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      (lengths[i] as number[])[j] =
        before[i] === after[j]
          ? at(lengths, i + 1, j + 1) + 1
          : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
