import type { StatusName } from '../../trace/labels.ts';
import { type Item, requestParts } from './items.ts';

/** Columns of the list that it can be sorted by. */
export type SortColumn =
  | 'time'
  | 'status'
  | 'code'
  | 'request'
  | 'tokens'
  | 'responsetime'
  | 'nodes';

export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

const NEWEST_FIRST: Sort = { column: 'time', descending: true };

const SEVERITY: Readonly<Record<StatusName, number>> = {
  fault: 4,
  throttle: 3,
  error: 2,
  'in progress': 1,
  ok: 0,
};

const VALUES: Readonly<Record<SortColumn, (item: Item) => string | number>> = {
  time: ({ start }) => start,
  status: ({ status }) => SEVERITY[status],
  code: ({ code }) => code ?? -1,
  request: (item) => requestParts(item).what,
  tokens: ({ tokens }) => tokens,
  responsetime: ({ responseTime, duration }) => responseTime ?? duration,
  nodes: ({ entry, others }) => [entry, ...others].join(),
};

/** What a first click on a column's head gives: numbers from the greatest, texts from A. */
const DESCENDS: ReadonlySet<SortColumn> = new Set([
  'time',
  'status',
  'code',
  'tokens',
  'responsetime',
]);

/** @param text of an address: `code` ascending, `-code` descending; anything else is newest first */
export function sortOf(text: string | undefined): Sort {
  const column = (text ?? '').replace(/^-/, '');
  if (!Object.hasOwn(VALUES, column)) return NEWEST_FIRST;
  return { column: column as SortColumn, descending: text?.startsWith('-') === true };
}

/** Returns the text that {@link sortOf} reads as this order; empty for newest first. */
export function sortText({ column, descending }: Sort): string {
  if (column === 'time' && descending) return '';
  return `${descending ? '-' : ''}${column}`;
}

/** Returns the order after a click on a column's head. */
export function nextSort(now: Sort, column: SortColumn): Sort {
  if (now.column === column) return { column, descending: !now.descending };
  return { column, descending: DESCENDS.has(column) };
}

/** @param items newest first; equal values keep this order */
export function sorted(items: readonly Item[], { column, descending }: Sort): readonly Item[] {
  if (column === 'time') return descending ? items : [...items].reverse();
  const value = VALUES[column];
  const sign = descending ? -1 : 1;
  const keyed = items.map((item) => ({ item, key: value(item) }));
  keyed.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -sign : sign));
  return keyed.map(({ item }) => item);
}
