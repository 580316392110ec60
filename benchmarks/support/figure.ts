import { median } from './start.ts';

/** The samples of one subject in one suite. */
export interface Figure {
  readonly suite: string;
  readonly subject: string;
  readonly values: readonly number[];
  /** Whether the suite was chosen with `--only`. */
  readonly alone?: boolean;
}

/** Returns the median of a subject in the figures of one suite; `NaN` if it was not measured. */
export function medianOf(subject: string, figures: readonly Figure[]): number {
  return median(figures.find((each) => each.subject === subject)?.values ?? []);
}

/** Formats a figure: two decimals below 2, else one. */
export function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 2 ? 2 : 1);
}
