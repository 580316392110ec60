/** Distributions of numbers. Pure; response times are seconds. */

export interface Bin {
  readonly from: number;
  readonly to: number;
}

/** Values below this share one bin, so that a scale of powers has a beginning. */
const LEAST = 1e-6;

/** Returns the value that so large a share of the sorted values does not exceed. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number | undefined {
  if (sorted.length === 0) return undefined;
  return sorted[Math.min(Math.max(Math.ceil(share * sorted.length) - 1, 0), sorted.length - 1)];
}

/**
 * Returns bins of equal ratio that together hold all values; the last one includes its end. Their
 * edges have two significant digits, so that a filter made from them can be read.
 */
export function logBins(least: number, greatest: number, count: number): readonly Bin[] {
  const from = roundedDown(Math.max(least, LEAST));
  const to = roundedUp(Math.max(greatest, from));
  if (to <= from) return [{ from, to: roundedUp(from * 1.1) }];
  const ratio = (to / from) ** (1 / count);
  const edges = [from];
  for (let i = 1; i < count; i++) {
    const edge = Number((from * ratio ** i).toPrecision(2));
    if (edge > (edges.at(-1) as number) && edge < to) edges.push(edge);
  }
  edges.push(to);
  return edges.slice(1).map((edge, index) => ({ from: edges[index] as number, to: edge }));
}

/** Returns bins of equal, round width that together hold all times, in seconds. */
export function timeBins(first: number, last: number, most: number): readonly Bin[] {
  const wanted = Math.max((last - first) / most, 0.001);
  const width = WIDTHS.find((each) => each >= wanted) ?? wanted;
  const start = Math.floor(first / width);
  const count = Math.floor(last / width) - start + 1;
  return Array.from({ length: count }, (_, index) => ({
    from: (start + index) * width,
    to: (start + index + 1) * width,
  }));
}

const WIDTHS: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000, 31_536_000,
];

/** Returns the place of the bin that holds a value; values outside go to the nearest bin. */
export function binIndex(bins: readonly Bin[], value: number): number {
  let low = 0;
  let high = bins.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((bins[middle] as Bin).from <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function roundedDown(value: number): number {
  return rounded(value, Math.floor, (edge) => edge <= value, -1);
}

function roundedUp(value: number): number {
  return rounded(value, Math.ceil, (edge) => edge >= value, 1);
}

/**
 * Rounds to two significant digits; a step further where the arithmetic of fractions fell short.
 */
function rounded(
  value: number,
  round: (value: number) => number,
  isBeyond: (edge: number) => boolean,
  step: number,
): number {
  const power = 10 ** (Math.floor(Math.log10(value)) - 1);
  const digits = round(value / power);
  const edge = Number((digits * power).toPrecision(2));
  return isBeyond(edge) ? edge : Number(((digits + step) * power).toPrecision(2));
}
