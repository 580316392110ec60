import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { countedText } from '../format.ts';
import { changes } from '../live.ts';
import { go, replaceLink } from '../location.ts';
import { linkTo, traceIdOf, traceLink } from '../route.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { RangePicker } from '../ui/range-picker.tsx';
import { FilterBox } from './filter-box.tsx';
import { Groups } from './groups.tsx';
import { lastList } from './last-list.ts';
import { NoTraces } from './no-traces.tsx';
import { QuickFilters } from './quick-filters.tsx';
import { sortOf, sortText } from './sort.ts';
import { TraceList } from './trace-list.ts';
import { TraceTable } from './trace-table.tsx';
import { Transfer } from './transfer.tsx';

/** Renders the live list of traces. */
export function TracesPage(props: {
  readonly filter: string;
  readonly range: string;
  /** As {@link sortOf} reads it. */
  readonly sort: string;
}): JSX.Element {
  const { filter, range } = props;
  const sort = sortOf(props.sort);
  const list = useMemo(() => new TraceList(filter, range), [filter, range]);
  useEffect(() => () => list.close(), [list]);
  useEffect(() => {
    lastList.value = { filter, range };
  }, [filter, range]);
  const { version } = changes.value;
  useEffect(() => {
    if (version > 0) void list.catchUp();
  }, [list, version]);
  const onWant = useCallback((count: number) => list.want(count), [list]);

  const { items, addedAbove, loading, complete, error } = list.state.value;
  const apply = (text: string): void => {
    const id = traceIdOf(text);
    go(id ? traceLink(id) : linkTo('traces', { filter: text, range, sort: props.sort }));
  };
  const isRefusal = error instanceof ApiError && error.type === 'InvalidRequestException';
  return (
    <div class="page traces-page">
      <h1 class="unseen">Traces</h1>
      <div class="toolbar">
        <FilterBox
          value={filter}
          seen={list.seen}
          refusal={isRefusal ? error.message : undefined}
          onApply={apply}
        />
        <RangePicker
          selected={range}
          link={(key) => linkTo('traces', { filter, range: key, sort: props.sort })}
        />
      </div>
      <div class="subbar">
        <QuickFilters filter={filter} range={range}>
          <Groups filter={filter} range={range} />
        </QuickFilters>
        <Transfer filter={filter} range={range} />
        <p class="tally" aria-live="polite">
          {loading ? 'Loading…' : tallyText(items.length, complete, props.sort !== '')}
        </p>
      </div>
      {error && !isRefusal && <Notice text={error.message} />}
      {items.length > 0 && (
        <TraceTable
          items={items}
          addedAbove={addedAbove}
          sort={sort}
          onSort={(next) => replaceLink(linkTo('traces', { filter, range, sort: sortText(next) }))}
          onWant={onWant}
        />
      )}
      {items.length === 0 &&
        !loading &&
        !error &&
        (filter === '' && range === '' ? <NoTraces /> : <NoMatch />)}
    </div>
  );
}

/** A sorted list that is not complete holds the newest traces only. */
function tallyText(count: number, complete: boolean, isSorted: boolean): string {
  const text = countedText(count, 'trace');
  if (complete) return text;
  return isSorted ? `the newest ${text}` : `${text} and more`;
}

function NoMatch(): JSX.Element {
  return (
    <Empty title="No trace matches">
      <p>No trace in this time range matches the filter. New matches appear automatically.</p>
      <p>
        <a href={linkTo('traces')}>Show all traces</a>
      </p>
    </Empty>
  );
}
