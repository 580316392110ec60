import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { StatusName } from '../../trace/labels.ts';
import { durationText } from '../../trace/labels.ts';
import { resourceName } from '../../trace/resource-name.ts';
import { lineText } from '../../visible-text.ts';
import { getServiceGraph } from '../api.ts';
import { nodeIs } from '../conditions.ts';
import { countText, percentText } from '../format.ts';
import { NoTraces } from '../list/no-traces.tsx';
import { type MapNode, mapOf, quantile } from '../map/graph.ts';
import { typeLabel } from '../map/node-kinds.ts';
import { linkTo } from '../route.ts';
import { rangeOf } from '../time-range.ts';
import { Empty, Notice } from '../ui/empty.tsx';
import { RangePicker } from '../ui/range-picker.tsx';
import { statusClass } from '../ui/status.tsx';
import { useLoaded } from '../use-loaded.ts';
import { useSlowVersion } from '../use-slow-version.ts';

const READ_AGAIN_MS = 2_000;

interface Column {
  readonly name: string;
  readonly value: (node: MapNode) => number | string;
  /** Absent: the column has its own cell. */
  readonly text?: (node: MapNode) => string;
}

const COLUMNS: readonly Column[] = [
  { name: 'Service', value: ({ name }) => resourceName(name) },
  { name: 'Type', value: ({ type }) => type, text: ({ type }) => typeLabel(lineText(type, 40)) },
  {
    name: 'Requests',
    value: ({ outcomes }) => outcomes.total,
    text: ({ outcomes }) => countText(outcomes.total),
  },
  {
    name: 'Per minute',
    value: ({ perMinute }) => perMinute,
    text: ({ perMinute }) => String(Number(perMinute.toPrecision(2))),
  },
  {
    name: 'Average',
    value: ({ outcomes }) => outcomes.mean ?? 0,
    text: ({ outcomes }) => durationText(outcomes.mean ?? 0),
  },
  ...[0.5, 0.9, 0.99].map((share) => ({
    name: `p${share * 100}`,
    value: ({ histogram }: MapNode) => quantile(histogram, share) ?? 0,
    text: ({ histogram }: MapNode) => durationText(quantile(histogram, share) ?? 0),
  })),
  { name: 'Faults', value: ({ outcomes }) => outcomes.fault / Math.max(outcomes.total, 1) },
  {
    name: 'Errors',
    value: ({ outcomes }) => (outcomes.error + outcomes.throttle) / Math.max(outcomes.total, 1),
  },
];
/** Columns of texts stand on the left. */
const TEXTS = new Set(['Service', 'Type']);

/** Renders every node of the trace map as a line of figures. */
export function ServicesPage({ range }: { readonly range: string }): JSX.Element {
  const [sort, setSort] = useState({ name: 'Requests', descending: true });
  const load = useCallback(
    async (signal: AbortSignal) => mapOf(await getServiceGraph(rangeOf(range, Date.now()), signal)),
    [range],
  );
  const { value: map, error, loading } = useLoaded(load, range, useSlowVersion(READ_AGAIN_MS));
  const nodes = (map?.nodes ?? []).filter(({ type }) => type !== 'client');
  const column = COLUMNS.find(({ name }) => name === sort.name) as Column;
  const sign = sort.descending ? -1 : 1;
  const sorted = [...nodes].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    return x === y ? 0 : x < y ? -sign : sign;
  });
  const click = (name: string): void =>
    setSort({ name, descending: sort.name === name ? !sort.descending : !TEXTS.has(name) });
  return (
    <div class="page services-page">
      <div class="toolbar">
        <h1>Services</h1>
        <RangePicker selected={range} link={(key) => linkTo('services', { range: key })} />
      </div>
      {error && <Notice text={error.message} />}
      {loading && !map && <p class="tally">Loading…</p>}
      {map && nodes.length === 0 && (range === '' ? <NoTraces /> : <Quiet />)}
      {nodes.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Services">
          <table class="data services">
            <thead>
              <tr>
                {COLUMNS.map(({ name }) => (
                  <th
                    key={name}
                    scope="col"
                    class={TEXTS.has(name) ? '' : 'num'}
                    aria-sort={
                      sort.name === name
                        ? sort.descending
                          ? 'descending'
                          : 'ascending'
                        : undefined
                    }
                  >
                    <button
                      type="button"
                      class={`sort ${sort.name === name ? (sort.descending ? 'descending' : 'ascending') : ''}`}
                      onClick={() => click(name)}
                    >
                      {name}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sorted.map((node) => (
                <ServiceRow key={node.key} node={node} range={range} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function ServiceRow(props: { readonly node: MapNode; readonly range: string }): JSX.Element {
  const { node, range } = props;
  const filter = nodeIs(node);
  const name = lineText(resourceName(node.name), 60);
  const { fault, error, throttle, total } = node.outcomes;
  return (
    <tr>
      <th scope="row">
        <a
          href={linkTo('analytics', { filter, range, by: 'route' })}
          title={lineText(node.name, 300)}
        >
          <bdi>{name}</bdi>
        </a>
        <OutcomeBar node={node} />
      </th>
      {COLUMNS.filter(({ text }) => text).map((column) => (
        <td key={column.name} class={TEXTS.has(column.name) ? '' : 'num'}>
          {column.text?.(node)}
        </td>
      ))}
      <ShareCell
        count={fault}
        total={total}
        word="fault"
        label={`Traces with faults of ${name}`}
        href={linkTo('traces', { filter: `${filter} { fault }`, range })}
      />
      <ShareCell
        count={error + throttle}
        total={total}
        word="error"
        label={`Traces with errors of ${name}`}
        href={linkTo('traces', { filter: `${filter} { error }`, range })}
      />
    </tr>
  );
}

function ShareCell(props: {
  readonly count: number;
  readonly total: number;
  readonly word: StatusName;
  readonly label: string;
  readonly href: string;
}): JSX.Element {
  const { count, total, word } = props;
  if (count === 0) return <td class="num muted">–</td>;
  const text = percentText(count / total);
  return (
    <td class={`num tone ${statusClass(word)}`}>
      <a href={props.href} aria-label={`${text}: ${props.label}`}>
        {text}
      </a>
    </td>
  );
}

/** Renders the shares of outcomes as a thin line; the figures say the same. */
function OutcomeBar({ node }: { readonly node: MapNode }): JSX.Element {
  const words = ['fault', 'throttle', 'error', 'ok'] as const;
  return (
    <span class="outcome-bar" aria-hidden="true">
      {words
        .filter((word) => node.outcomes[word] > 0)
        .map((word) => (
          <span
            key={word}
            class={statusClass(word)}
            style={{ flexGrow: String(node.outcomes[word]) }}
          />
        ))}
    </span>
  );
}

function Quiet(): JSX.Element {
  return (
    <Empty title="Nothing in this time range">
      <p>
        <a href={linkTo('services')}>Show all</a>
      </p>
    </Empty>
  );
}
