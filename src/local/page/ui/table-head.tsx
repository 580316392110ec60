import type { JSX } from 'preact';

/** The name of a column: of texts, of numbers, or of controls whose purpose is visible without it. */
export type Column = string | { readonly num: string } | { readonly unseen: string };

/** Renders the head of a table. */
export function TableHead(props: { readonly columns: readonly Column[] }): JSX.Element {
  return (
    <thead>
      <tr>{props.columns.map(headCell)}</tr>
    </thead>
  );
}

function headCell(column: Column): JSX.Element {
  if (typeof column === 'string') {
    return (
      <th key={column} scope="col">
        {column}
      </th>
    );
  }
  if ('num' in column) {
    return (
      <th key={column.num} scope="col" class="num">
        {column.num}
      </th>
    );
  }
  return (
    <th key={column.unseen} scope="col">
      <span class="unseen">{column.unseen}</span>
    </th>
  );
}
