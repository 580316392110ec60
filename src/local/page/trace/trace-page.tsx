import type { JSX } from 'preact';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import { visible } from '../../visible-text.ts';
import { changes } from '../live.ts';
import { replaceLink } from '../location.ts';
import { linkTo, traceLink } from '../route.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { Later } from '../ui/later.tsx';
import { useLoaded } from '../use-loaded.ts';
import { DetailPanel } from './detail-panel.tsx';
import { LinkedTraces } from './linked-traces.tsx';
import { Logs } from './logs.tsx';
import { timelineRows } from './rows.ts';
import type { TabName } from './tab-names.ts';
import { TimelineSection } from './timeline-section.tsx';
import { loadTrace, type TraceData } from './trace-data.ts';
import { TraceHeader } from './trace-header.tsx';
import { TraceMapSection } from './trace-map-section.tsx';

export interface TracePageProps {
  readonly id: string;
  /** Key of the selected segment or subsegment. */
  readonly at: string;
  readonly tab: TabName;
}

/** Renders one trace: its map, its timeline, and the details of what is selected. */
export function TracePage({ id, at, tab }: TracePageProps): JSX.Element {
  const load = useCallback((signal: AbortSignal) => loadTrace(id, signal), [id]);
  const { value: data, error, loading } = useLoaded(load, id, useVersion(id));
  if (data) return <Shown data={data} at={at} tab={tab} />;
  return (
    <div class="page">
      <h1 class="unseen">Trace {visible(id)}</h1>
      {error && <Notice text={error.message} />}
      {loading && <p class="tally">Loading…</p>}
      {!loading && !error && (
        <Empty title="No such trace">
          <p>
            <span class="mono">{visible(id)}</span> has not been received, or has been deleted. When
            it arrives, it appears here.
          </p>
          <p>
            <a href={linkTo('traces')}>Show all traces</a>
          </p>
        </Empty>
      )}
    </div>
  );
}

/** Returns a number that increases when documents of this trace arrive. */
function useVersion(id: string): number {
  const { version, traceIds } = changes.value;
  const last = useRef(0);
  if (traceIds === undefined || traceIds.has(id)) last.current = version;
  return last.current;
}

function Shown(props: {
  readonly data: TraceData;
  readonly at: string;
  readonly tab: TabName;
}): JSX.Element {
  const { data, at, tab } = props;
  const all = useMemo(() => timelineRows(data.tops, new Set()), [data.tops]);
  const selected = all.find(({ key }) => key === at);
  const select = (key: string): void => replaceLink(traceLink(data.id, { at: key, tab }));
  return (
    <div class={`page trace-page ${selected ? 'with-panel' : ''}`}>
      <TraceHeader data={data} count={all.length} />
      <div class="trace-body">
        <div class="trace-main">
          <Later>
            <TraceMapSection data={data} onSelect={select} />
          </Later>
          <Later tasks={2}>
            <TimelineSection
              data={data}
              selected={at}
              onSelect={select}
              onOpen={(key) => {
                select(key);
                requestAnimationFrame(() => document.getElementById(`tab-${tab}`)?.focus());
              }}
            />
            <LinkedTraces linked={data.arrived?.linked ?? []} />
            <Logs logs={data.logs} />
          </Later>
        </div>
        {selected && (
          <DetailPanel
            data={data}
            entity={selected.entity}
            tab={tab}
            onTab={(name) => replaceLink(traceLink(data.id, { at, tab: name }))}
            onClose={() => {
              select('');
              document.querySelector<HTMLElement>('.timeline')?.focus();
            }}
          />
        )}
      </div>
    </div>
  );
}
