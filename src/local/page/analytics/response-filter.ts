/** The response times that a filter asks for, as a brush writes them. Pure. */
import { withCondition } from '../conditions.ts';

const CONDITION = / ?(?:AND )?responsetime >= (\d[\d.e-]*) AND responsetime <= (\d[\d.e-]*)/;

export interface Span {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
}

/** Returns the span that {@link withSpan} has put into a filter. */
export function spanOf(filter: string): Span | undefined {
  const [, from, to] = CONDITION.exec(filter) ?? [];
  return from === undefined || to === undefined
    ? undefined
    : { from: Number(from), to: Number(to) };
}

/** Replaces the span of a filter; `undefined` takes it away. */
export function withSpan(filter: string, span: Span | undefined): string {
  const rest = filter
    .replace(CONDITION, '')
    .replace(/^ ?AND /, '')
    .trim();
  if (span === undefined) return rest;
  return withCondition(rest, `responsetime >= ${span.from} AND responsetime <= ${span.to}`);
}
