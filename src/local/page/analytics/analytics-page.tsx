import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import type { Analytics } from '../../analytics/analytics.ts';
import { GROUP_NAMES } from '../../analytics/group-by.ts';
import { durationText } from '../../trace/labels.ts';
import { visible } from '../../visible-text.ts';
import { ApiError, readLocal } from '../api.ts';
import { axisTimeText, countedText, countText, percentText } from '../format.ts';
import { FilterBox } from '../list/filter-box.tsx';
import { lastList } from '../list/last-list.ts';
import { NoTraces } from '../list/no-traces.tsx';
import { SeenValues } from '../list/seen.ts';
import { go } from '../location.ts';
import { linkTo, traceIdOf, traceLink } from '../route.ts';
import { rangeKey, rangeOf } from '../time-range.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { RangePicker } from '../ui/range-picker.tsx';
import { useLoaded } from '../use-loaded.ts';
import { useSlowVersion } from '../use-slow-version.ts';
import { Chart, totalOf } from './chart.tsx';
import { GroupTable } from './group-table.tsx';
import { spanOf, withSpan } from './response-filter.ts';

/** Analyzing many traces takes a second. */
const READ_AGAIN_MS = 3_000;

const LABELS: Readonly<Record<string, string>> = {
  service: 'Service',
  route: 'Route',
  url: 'URL',
  method: 'Method',
  status: 'Status code',
  user: 'User',
};

export interface AnalyticsPageProps {
  readonly filter: string;
  readonly range: string;
  /** What traces are grouped by. */
  readonly by: string;
}

/** Renders response times, errors over time, and groups of the traces in view. */
export function AnalyticsPage({ filter, range, by }: AnalyticsPageProps): JSX.Element {
  const load = useCallback(
    (signal: AbortSignal) => {
      const { start, end } = rangeOf(range, Date.now());
      const query = new URLSearchParams({ filter, from: `${start}`, to: `${end}`, by });
      return readLocal<Analytics>(`/local/analytics?${query}`, signal);
    },
    [filter, range, by],
  );
  const key = JSON.stringify([filter, range, by]);
  const { value, error, loading } = useLoaded(load, key, useSlowVersion(READ_AGAIN_MS));
  useEffect(() => {
    lastList.value = { filter, range };
  }, [filter, range]);
  const seen = useMemo(() => new SeenValues(), []);
  const link = (more: string): string => linkTo('analytics', { filter: more, range, by });
  const apply = (text: string): void => {
    const id = traceIdOf(text);
    go(id ? traceLink(id) : link(text));
  };
  const isRefusal = error instanceof ApiError && error.type === '400';
  return (
    <div class="page analytics-page">
      <h1 class="unseen">Analytics</h1>
      <div class="toolbar">
        <FilterBox
          value={filter}
          seen={seen}
          refusal={isRefusal ? error.message : undefined}
          onApply={apply}
        />
        <RangePicker
          selected={range}
          link={(other) => linkTo('analytics', { filter, range: other, by })}
        />
      </div>
      {error && !isRefusal && <Notice text={error.message} />}
      {loading && <p class="tally">Loading…</p>}
      {value && value.traces === 0 && (filter === '' && range === '' ? <NoTraces /> : <NoMatch />)}
      {value && value.traces > 0 && (
        <Shown value={value} filter={filter} range={range} by={by} link={link} />
      )}
    </div>
  );
}

function Shown(
  props: AnalyticsPageProps & {
    readonly value: Analytics;
    readonly link: (filter: string) => string;
  },
): JSX.Element {
  const { value, filter, range, by, link } = props;
  const { traces, responseTimes, overTime } = value;
  const faults = responseTimes.reduce((sum, { fault }) => sum + fault, 0);
  const errors = responseTimes.reduce((sum, { error, throttle }) => sum + error + throttle, 0);
  const first = overTime[0]?.from ?? 0;
  const last = overTime.at(-1)?.to ?? 0;
  const busiest = Math.max(...overTime.map(totalOf));
  const span = spanOf(filter);
  return (
    <>
      <div class="subbar">
        <dl class="figures-row">
          <Figure name="Traces" value={countText(traces)} />
          <Figure name="p50" value={durationText(value.p50 ?? 0)} />
          <Figure name="p90" value={durationText(value.p90 ?? 0)} />
          <Figure name="p99" value={durationText(value.p99 ?? 0)} />
          <Figure name="Faults" value={percentText(faults / traces)} />
          <Figure name="Errors" value={percentText(errors / traces)} />
        </dl>
        <nav class="transfer" aria-label="These traces">
          <a class="button" href={linkTo('traces', { filter, range })}>
            Show traces
          </a>
          <a class="button" href={linkTo('compare', { filter, range, ...halves(first, last) })}>
            Compare time ranges
          </a>
        </nav>
      </div>
      <div class="charts">
        <section class="panel">
          <Chart
            title="Response time distribution"
            summary={`Response times from ${durationText(responseTimes[0]?.from ?? 0)} to ${durationText(responseTimes.at(-1)?.to ?? 0)}; half of ${countedText(traces, 'trace')} within ${durationText(value.p50 ?? 0)}`}
            bins={responseTimes}
            edgeText={durationText}
            marks={(['p50', 'p90', 'p99'] as const).map((label) => ({
              label,
              value: value[label] ?? 0,
            }))}
            onBrush={(from, to) => go(link(withSpan(filter, { from, to })))}
          />
          <SpanForm
            key={filter}
            from={span?.from ?? responseTimes[0]?.from ?? 0}
            to={span?.to ?? responseTimes.at(-1)?.to ?? 0}
            isSet={span !== undefined}
            onApply={(chosen) => go(link(withSpan(filter, chosen)))}
          />
        </section>
        <section class="panel">
          <Chart
            title="Traces over time"
            summary={`Traces over time, at most ${countText(busiest)} in a bar; ${percentText(faults / traces)} faults, ${percentText(errors / traces)} errors`}
            bins={overTime}
            edgeText={(seconds) => axisTimeText(seconds, last - first)}
            onBrush={(from, to) =>
              go(linkTo('analytics', { filter, range: rangeKey(from, to), by }))
            }
          />
          <p class="chart-hint muted">
            Drag over a chart to select a range, or use the arrow keys with Shift, and Enter.
          </p>
        </section>
      </div>
      <section class="section">
        <GroupBy
          by={by}
          annotations={value.annotations}
          onChange={(chosen) => go(linkTo('analytics', { filter, range, by: chosen }))}
        />
        <GroupTable
          groups={value.groups}
          moreGroups={value.moreGroups}
          filter={filter}
          link={link}
        />
      </section>
    </>
  );
}

function GroupBy(props: {
  readonly by: string;
  /** Keys of the annotations of the traces in view. */
  readonly annotations: readonly string[];
  readonly onChange: (by: string) => void;
}): JSX.Element {
  const { by, annotations, onChange } = props;
  return (
    <div class="group-head">
      <h2>
        <label for="group-by">Group by</label>
      </h2>
      <select
        id="group-by"
        value={by}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {GROUP_NAMES.map((name) => (
          <option key={name} value={name}>
            {LABELS[name]}
          </option>
        ))}
        {annotationOptions(annotations, by).map((name) => (
          <option key={name} value={`annotation.${name}`}>
            Annotation {visible(name)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The chosen annotation stays among the options while no trace in view has it. */
function annotationOptions(keys: readonly string[], by: string): readonly string[] {
  const chosen = by.startsWith('annotation.') ? by.slice('annotation.'.length) : undefined;
  return chosen === undefined || keys.includes(chosen) ? keys : [...keys, chosen];
}

function halves(first: number, last: number): { readonly a: string; readonly b: string } {
  const middle = Math.round(((first + last) / 2) * 1000) / 1000;
  return { a: rangeKey(first, middle), b: rangeKey(middle, last) };
}

/** Selects response times without a mouse. */
function SpanForm(props: {
  readonly from: number;
  readonly to: number;
  readonly isSet: boolean;
  readonly onApply: (span: { readonly from: number; readonly to: number } | undefined) => void;
}): JSX.Element {
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [from, to] = [Number(data.get('from')), Number(data.get('to'))];
    props.onApply({ from: Math.min(from, to), to: Math.max(from, to) });
  };
  return (
    <form class="span-form" onSubmit={submit}>
      <span>Response time</span>
      <input
        name="from"
        type="number"
        step="any"
        min={0}
        value={props.from}
        aria-label="From, seconds"
      />
      <span>to</span>
      <input name="to" type="number" step="any" min={0} value={props.to} aria-label="To, seconds" />
      <span>s</span>
      <button type="submit">Filter</button>
      {props.isSet && (
        <button type="button" onClick={() => props.onApply(undefined)}>
          Clear
        </button>
      )}
    </form>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function NoMatch(): JSX.Element {
  return (
    <Empty title="No trace matches">
      <p>
        <a href={linkTo('analytics')}>Analyze all traces</a>
      </p>
    </Empty>
  );
}
