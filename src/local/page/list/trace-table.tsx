import type { JSX } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { durationText } from '../../trace/labels.ts';
import { resourceName } from '../../trace/resource-name.ts';
import { lineText } from '../../visible-text.ts';
import { countText, timeText } from '../format.ts';
import { go } from '../location.ts';
import { traceLink } from '../route.ts';
import { Grid, type RowAttributes } from '../ui/grid.tsx';
import { Status } from '../ui/status.tsx';
import { type Item, requestParts } from './items.ts';
import { nextSort, type Sort, type SortColumn, sorted, sortText } from './sort.ts';

const ROW_HEIGHT = 34;
const MAX_NODES = 6;
interface Column {
  readonly name: string;
  readonly sort: SortColumn;
}
const COLUMNS: readonly Column[] = [
  { name: 'Time', sort: 'time' },
  { name: 'Status', sort: 'status' },
  { name: 'Code', sort: 'code' },
  { name: 'Request', sort: 'request' },
  { name: 'Tokens', sort: 'tokens' },
  { name: 'Response time', sort: 'responsetime' },
  { name: 'Nodes', sort: 'nodes' },
];
const WITHOUT_TOKENS = COLUMNS.filter(({ sort }) => sort !== 'tokens');
/** Rows below the view that are loaded ahead. */
const LOAD_BEFORE = 1_000;

export function TraceTable(props: {
  /** Newest first. */
  readonly items: readonly Item[];
  readonly addedAbove: number;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly onWant: (count: number) => void;
}): JSX.Element {
  const { sort, onWant } = props;
  const items = useMemo(() => sorted(props.items, sort), [props.items, sortText(sort)]);
  const [activeId, setActiveId] = useState('');
  const active = activeId === '' ? -1 : items.findIndex(({ id }) => id === activeId);
  const slowest = slowestOf(items);
  const hasTokens = items.some(({ tokens }) => tokens > 0);
  const columns = hasTokens ? COLUMNS : WITHOUT_TOKENS;
  const isNewestFirst = sortText(sort) === '';
  const now = Date.now();
  const onSeen = useCallback((last: number) => onWant(last + LOAD_BEFORE), [onWant]);
  const open = (index: number): void => {
    const item = items[index];
    if (item) go(traceLink(item.id));
  };
  return (
    <Grid
      label={isNewestFirst ? 'Traces, newest first' : 'Traces'}
      role="grid"
      class={hasTokens ? 'trace-table with-tokens' : 'trace-table'}
      count={items.length}
      rowHeight={ROW_HEIGHT}
      columns={columns.length}
      active={active}
      anchor={isNewestFirst ? props.addedAbove : undefined}
      order={sortText(sort)}
      onActive={(index) => setActiveId(items[index]?.id ?? '')}
      onOpen={open}
      onSeen={onSeen}
      header={columns.map((column) => (
        <SortHead key={column.name} {...column} now={sort} onSort={props.onSort} />
      ))}
      row={(index, attributes) => (
        <TraceRow
          key={items[index]?.id ?? index}
          item={items[index] as Item}
          attributes={attributes}
          slowest={slowest}
          hasTokens={hasTokens}
          now={now}
          onOpen={() => open(index)}
        />
      )}
    />
  );
}

function SortHead(props: {
  readonly name: string;
  readonly sort: SortColumn;
  readonly now: Sort;
  readonly onSort: (sort: Sort) => void;
}): JSX.Element {
  const { name, sort, now } = props;
  const isSorted = now.column === sort;
  const direction = now.descending ? 'descending' : 'ascending';
  return (
    <span
      role="columnheader"
      class={columnClass(name)}
      aria-sort={isSorted ? direction : undefined}
    >
      <button
        type="button"
        class={`sort ${isSorted ? direction : ''}`}
        onClick={() => props.onSort(nextSort(now, sort))}
        // Arrow keys move in the rows of the grid, not here.
        onKeyDown={(event) => event.stopPropagation()}
      >
        {name}
      </button>
    </span>
  );
}

function columnClass(name: string): string {
  return `c-${name.toLowerCase().replace(' ', '-')}`;
}

function TraceRow(props: {
  readonly item: Item;
  readonly attributes: RowAttributes;
  readonly slowest: number;
  readonly hasTokens: boolean;
  readonly now: number;
  readonly onOpen: () => void;
}): JSX.Element {
  const { item, attributes, slowest, hasTokens, now } = props;
  const seconds = item.responseTime ?? item.duration;
  const { what, host } = requestParts(item);
  return (
    <div {...attributes} onClick={props.onOpen}>
      <span role="gridcell" class="c-time mono">
        {timeText(item.start, now)}
      </span>
      <span role="gridcell" class="c-status">
        <Status word={item.status} />
      </span>
      <span role="gridcell" class="c-code mono">
        {item.code ?? '–'}
      </span>
      <span role="gridcell" class="c-request">
        <a
          href={traceLink(item.id)}
          tabIndex={-1}
          title={lineText([item.method, item.url].filter(Boolean).join(' '), 1_000)}
          onClick={(event) => event.stopPropagation()}
        >
          <bdi>{lineText(what)}</bdi>
        </a>
        <bdi class="host">{lineText(host, 100)}</bdi>
      </span>
      {hasTokens && (
        <span role="gridcell" class="c-tokens mono">
          {item.tokens > 0 ? countText(item.tokens) : '–'}
        </span>
      )}
      <span role="gridcell" class="c-response-time mono">
        <span class="meter" style={{ '--share': share(seconds, slowest) }} />
        <span class="seconds">
          {durationText(seconds)}
          {item.responseTime === undefined ? '…' : ''}
        </span>
      </span>
      <span
        role="gridcell"
        class="c-nodes"
        title={lineText([item.entry, ...item.others].join('\n'), 2_000)}
      >
        <bdi>{lineText(item.entry, 60)}</bdi>
        <bdi class="others">{othersText(item.others)}</bdi>
      </span>
    </div>
  );
}

/** Returns the nodes beside the entry, by the names of their resources. */
function othersText(others: readonly string[]): string {
  const names = others.slice(0, MAX_NODES).map((name) => lineText(resourceName(name), 40));
  const more = others.length - names.length;
  return [...names, ...(more > 0 ? [`+${more}`] : [])].join(', ');
}

/** Returns the slowest loaded trace, for the bars. */
function slowestOf(items: readonly Item[]): number {
  let most = 0;
  for (const { responseTime, duration } of items) most = Math.max(most, responseTime ?? duration);
  return most;
}

function share(seconds: number, slowest: number): string {
  return slowest <= 0 ? '0' : Math.sqrt(seconds / slowest).toFixed(3);
}
