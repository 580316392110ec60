import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { getServiceGraph } from '../api.ts';
import { NoTraces } from '../list/no-traces.tsx';
import { changes } from '../live.ts';
import { replaceLink } from '../location.ts';
import { linkTo } from '../route.ts';
import { rangeOf } from '../time-range.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { RangePicker } from '../ui/range-picker.tsx';
import { useLoaded } from '../use-loaded.ts';
import { mapOf } from './graph.ts';
import { Legend } from './legend.tsx';
import { MapPanel } from './map-panel.tsx';
import { TraceMap } from './trace-map.tsx';

/** Renders the trace map of everything in a time range. */
export function MapPage(props: { readonly range: string; readonly selected: string }): JSX.Element {
  const { range, selected } = props;
  const load = useCallback(
    async (signal: AbortSignal) => mapOf(await getServiceGraph(rangeOf(range, Date.now()), signal)),
    [range],
  );
  const { value: map, error, loading } = useLoaded(load, range, changes.value.version);
  const select = (key: string): void =>
    replaceLink(linkTo('map', { range, at: key === selected ? '' : key }));
  return (
    <div class="page map-page">
      <h1 class="unseen">Trace map</h1>
      <div class="toolbar">
        <Legend />
        <RangePicker selected={range} link={(key) => linkTo('map', { range: key, at: selected })} />
      </div>
      {error && <Notice text={error.message} />}
      {loading && !map && <p class="tally">Loading…</p>}
      {map && map.nodes.length > 0 && (
        <div class="map-and-panel">
          <TraceMap map={map} selected={selected} onSelect={select} rates />
          <MapPanel map={map} selected={selected} range={range} onClose={() => select(selected)} />
        </div>
      )}
      {map?.nodes.length === 0 && (range === '' ? <NoTraces /> : <Quiet />)}
    </div>
  );
}

function Quiet(): JSX.Element {
  return (
    <Empty title="Nothing in this time range">
      <p>
        <a href={linkTo('map')}>Show all</a>
      </p>
    </Empty>
  );
}
