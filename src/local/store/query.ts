import { type Prefilter, withOverflow } from '../filter/prefilter.ts';

/** Selects traces of the store. */
export interface TraceQuery {
  /** Epoch seconds; the range is `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** `start`: the trace starts in the range. `active`: it starts before the end and ends in it or later. */
  readonly by: 'start' | 'active';
  readonly condition: Prefilter | undefined;
}

/** A place in a list that is sorted newest first. */
export interface Page {
  /** Start of the trace, epoch seconds. */
  readonly start: number;
  readonly key: number;
}

/** Builds the query; the caller appends the row limit as the last parameter. */
export function candidateQuery(
  { from, to, by, condition }: TraceQuery,
  after: Page | undefined,
  overflow: boolean,
  columns = 'id, start, key',
): { readonly sql: string; readonly parameters: readonly (string | number)[] } {
  const filter = condition && overflow ? withOverflow(condition) : condition;
  const clauses = [
    by === 'start' ? 'start >= ?' : '"end" >= ?',
    'start < ?',
    ...(after === undefined ? [] : ['(start, key) < (?, ?)']),
    ...(filter === undefined ? [] : [`(${filter.sql})`]),
  ];
  return {
    sql: `SELECT ${columns} FROM trace WHERE ${clauses.join(' AND ')} ORDER BY start DESC, key DESC LIMIT ?`,
    parameters: [
      from,
      to,
      ...(after === undefined ? [] : [after.start, after.key]),
      ...(filter?.parameters ?? []),
    ],
  };
}
