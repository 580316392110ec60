import type { JSX } from 'preact';
import type { StatusName } from '../../trace/labels.ts';
import { durationText } from '../../trace/labels.ts';
import { resourceName } from '../../trace/resource-name.ts';
import { visible } from '../../visible-text.ts';
import type { HistogramEntry } from '../api-types.ts';
import { countText, percentText } from '../format.ts';
import { quoted } from '../list/seen.ts';
import { linkTo } from '../route.ts';
import { Status } from '../ui/status.tsx';
import { type MapEdge, type MapNode, type Outcomes, quantile, type ServiceMap } from './graph.ts';
import { Histogram } from './histogram.tsx';
import { typeLabel } from './node-kinds.ts';

/** Renders the statistics of the selected node or call, and links to its traces. */
export function MapPanel(props: {
  readonly map: ServiceMap;
  readonly selected: string;
  readonly range: string;
  readonly onClose: () => void;
}): JSX.Element | null {
  const { map, selected, range } = props;
  const node = map.nodes.find(({ key }) => key === selected);
  const edge = map.edges.find(({ key }) => key === selected);
  const found = node ?? edge;
  if (found === undefined) return null;
  const filter = node ? nodeFilter(node) : edgeFilter(edge as MapEdge, map);
  return (
    <aside class="panel map-panel" aria-label="Selected part of the map">
      <header>
        <div>
          <h2>{node ? visible(resourceName(node.name)) : edgeTitle(edge as MapEdge, map)}</h2>
          <p class="muted">
            {node ? typeLabel(visible(node.type)) : 'Calls, from the caller’s view'}
          </p>
          {node && resourceName(node.name) !== node.name && (
            <p class="muted mono full-name">{visible(node.name)}</p>
          )}
        </div>
        <button type="button" class="close" onClick={props.onClose} aria-label="Close">
          ×
        </button>
      </header>
      {found.outcomes.total === 0 ? (
        <p class="muted">
          {node?.type === 'client' ? 'Source of requests.' : 'No completed request yet.'}
        </p>
      ) : (
        <>
          <Times outcomes={found.outcomes} histogram={found.histogram} />
          <Shares outcomes={found.outcomes} />
        </>
      )}
      <nav class="links" aria-label="Traces of it">
        <a href={linkTo('traces', { filter, range })}>Traces</a>
        <a href={linkTo('traces', { filter: `${filter} { fault }`, range })}>with faults</a>
        <a href={linkTo('traces', { filter: `${filter} { error }`, range })}>with errors</a>
      </nav>
    </aside>
  );
}

function Times(props: {
  readonly outcomes: Outcomes;
  readonly histogram: readonly HistogramEntry[];
}): JSX.Element {
  const { outcomes, histogram } = props;
  const figures = [
    ['Requests', countText(outcomes.total)],
    ['Average', durationText(outcomes.mean ?? 0)],
    ['p50', durationText(quantile(histogram, 0.5) ?? 0)],
    ['p90', durationText(quantile(histogram, 0.9) ?? 0)],
    ['p99', durationText(quantile(histogram, 0.99) ?? 0)],
  ];
  return (
    <>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Histogram entries={histogram} />
    </>
  );
}

function Shares({ outcomes }: { readonly outcomes: Outcomes }): JSX.Element {
  const words = ['ok', 'error', 'throttle', 'fault'] as const satisfies readonly StatusName[];
  return (
    <table class="shares">
      <caption class="unseen">How requests ended</caption>
      <tbody>
        {words.map((word) => (
          <tr key={word}>
            <th scope="row">
              <Status word={word} />
            </th>
            <td>{countText(outcomes[word])}</td>
            <td>{percentText(outcomes[word] / outcomes.total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function edgeTitle({ from, to }: MapEdge, map: ServiceMap): string {
  const name = (key: string): string =>
    visible(resourceName(map.nodes.find((node) => node.key === key)?.name ?? ''));
  return `${name(from)} → ${name(to)}`;
}

/**
 * Returns the node as filter expressions name it; a client is the source of the edge to its
 * service.
 */
function nodeFilter(node: MapNode): string {
  return node.type === 'client' ? `service(${quoted(node.name)})` : `service(${nodeText(node)})`;
}

function edgeFilter({ from, to }: MapEdge, map: ServiceMap): string {
  const text = (key: string): string => {
    const node = map.nodes.find((each) => each.key === key);
    return node ? nodeText(node) : '""';
  };
  return `edge(${text(from)}, ${text(to)})`;
}

function nodeText({ name, type }: MapNode): string {
  return type === '' ? quoted(name) : `id(name: ${quoted(name)}, type: ${quoted(type)})`;
}
