import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { durationText } from '../../trace/labels.ts';
import { resourceName } from '../../trace/resource-name.ts';
import { lineText } from '../../visible-text.ts';
import { percentText } from '../format.ts';
import type { MapEdge, MapNode, Outcomes, ServiceMap } from './graph.ts';
import {
  type Direction,
  edgePath,
  estimatedSize,
  fitScale,
  type Layout,
  NODE,
  type Point,
  type Size,
} from './layout.ts';
import { typeIcon, typeLabel } from './node-kinds.ts';
import { Ring } from './ring.tsx';
import { useLayout } from './use-layout.ts';

export interface TraceMapProps {
  readonly map: ServiceMap;
  /** Key of a node or an edge. */
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  /** Whether rates are shown: a map of one trace has none. */
  readonly rates: boolean;
  /** Pixels the map may take; absent: all that its container has. */
  readonly maxHeight?: number | undefined;
}

const ZOOMS = [0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2];
/** Until the frame is measured. */
const ASSUMED_WIDTH = 1_000;

/**
 * Renders the trace map: nodes as rings, calls as lines; each of them a button. Fits its frame
 * until the reader zooms.
 */
export function TraceMap(props: TraceMapProps): JSX.Element {
  const { map, maxHeight } = props;
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const room = size && { width: size.width, height: maxHeight ?? size.height };
  const placed = useLayout(map, room);
  // A map in a page of other things keeps its place from the start.
  const whole = placed?.layout ?? estimatedSize(map);
  const fitted = fitScale(whole, room ?? { width: ASSUMED_WIDTH, height: maxHeight ?? 0 });
  const [zoom, setZoom] = useState<number | undefined>(undefined);
  const scale = zoom === undefined ? fitted : (ZOOMS[zoom] ?? 1);
  const step = (by: number): void => {
    const above = ZOOMS.findIndex((each) => each >= fitted - 0.01);
    const now = zoom ?? (by > 0 && (ZOOMS[above] ?? 0) > fitted + 0.01 ? above - 1 : above);
    setZoom(Math.min(Math.max(now + by, 0), ZOOMS.length - 1));
  };
  const height = maxHeight === undefined ? undefined : `${Math.ceil(whole.height * fitted)}px`;
  return (
    <div class="map">
      <div
        class="map-frame"
        ref={frame}
        tabIndex={0}
        role="region"
        aria-label="Trace map"
        style={height === undefined ? {} : { height }}
      >
        {placed === undefined && <p class="tally">Loading…</p>}
        {placed && <Drawing {...props} {...placed} scale={scale} />}
      </div>
      <div class="zoom">
        <button type="button" onClick={() => step(1)} aria-label="Zoom in">
          +
        </button>
        <button type="button" onClick={() => step(-1)} aria-label="Zoom out">
          −
        </button>
        <button type="button" onClick={() => setZoom(undefined)}>
          Fit
        </button>
      </div>
    </div>
  );
}

function Drawing(
  props: TraceMapProps & {
    readonly layout: Layout;
    readonly direction: Direction;
    readonly scale: number;
  },
): JSX.Element {
  const { map, selected, onSelect, rates, layout, direction, scale } = props;
  return (
    <svg
      width={Math.floor(layout.width * scale)}
      height={Math.floor(layout.height * scale)}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
    >
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="6"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0 8 4 0 8Z" />
        </marker>
      </defs>
      <g transform={`translate(0 ${-NODE.lift})`}>
        {map.edges.map((edge) => (
          <EdgeLine
            key={edge.key}
            edge={edge}
            layout={layout}
            direction={direction}
            map={map}
            selected={selected === edge.key}
            onSelect={onSelect}
          />
        ))}
      </g>
      {map.nodes.map((node) => (
        <NodeRing
          key={node.key}
          node={node}
          at={layout.nodes.get(node.key)}
          selected={selected === node.key}
          onSelect={onSelect}
          rates={rates}
        />
      ))}
    </svg>
  );
}

/** Returns the inner size of an element; follows its changes. `undefined` until it is known. */
function useSize(element: { readonly current: HTMLElement | null }): Size | undefined {
  const [size, setSize] = useState<Size | undefined>(undefined);
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const { clientWidth: width = 0, clientHeight: height = 0 } = element.current ?? {};
      if (width > 0) {
        setSize((old) => (old?.width === width && old.height === height ? old : { width, height }));
      }
    });
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

function pressable(key: string, onSelect: (key: string) => void): object {
  return {
    role: 'button',
    // Preact passes attribute names of SVG elements through unchanged.
    tabindex: 0,
    onClick: () => onSelect(key),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      onSelect(key);
    },
  };
}

function EdgeLine(props: {
  readonly edge: MapEdge;
  readonly layout: Layout;
  readonly direction: Direction;
  readonly map: ServiceMap;
  readonly selected: boolean;
  readonly onSelect: (key: string) => void;
}): JSX.Element | null {
  const { edge, layout, selected, onSelect } = props;
  const [from, to] = [layout.nodes.get(edge.from), layout.nodes.get(edge.to)];
  if (from === undefined || to === undefined) return null;
  const path = edgePath(from, to, layout.edges.get(edge.key) ?? [], props.direction);
  const name = (key: string): string =>
    resourceName(props.map.nodes.find((node) => node.key === key)?.name ?? '');
  const label = `Calls from ${lineText(name(edge.from), 80)} to ${lineText(name(edge.to), 80)}: ${spoken(edge.outcomes)}`;
  return (
    <g
      class={`edge ${selected ? 'selected' : ''}`}
      {...pressable(edge.key, onSelect)}
      aria-label={label}
      aria-pressed={selected}
    >
      <title>{label}</title>
      <path class="edge-hit" d={path} />
      <path class={`edge-line ${worst(edge.outcomes)}`} d={path} marker-end="url(#arrow)" />
    </g>
  );
}

function NodeRing(props: {
  readonly node: MapNode;
  /** Absent until the node is laid out. */
  readonly at: Point | undefined;
  readonly selected: boolean;
  readonly onSelect: (key: string) => void;
  readonly rates: boolean;
}): JSX.Element | null {
  const { node, at, selected, onSelect, rates } = props;
  if (at === undefined) return null;
  const { outcomes, name, type } = node;
  const icon = outcomes.total === 0 ? typeIcon(type) : undefined;
  const rate = rates ? `${rateOf(node.perMinute)}/min` : `${outcomes.total}×`;
  return (
    <g
      class={`node ${selected ? 'selected' : ''}`}
      transform={`translate(${at.x} ${at.y - NODE.lift})`}
      {...pressable(node.key, onSelect)}
      aria-pressed={selected}
    >
      {resourceName(name) !== name && <title>{lineText(name, 1_000)}</title>}
      <rect
        class="node-hit"
        x={-NODE.width / 2 + 8}
        y={-NODE.radius - 4}
        width={NODE.width - 16}
        height={NODE.height - 4}
      />
      <circle class="disc" r={NODE.radius - 3} />
      <Ring outcomes={outcomes} radius={NODE.radius} />
      {icon && <path class="node-icon" d={icon} transform="translate(-12 -12) scale(1.5)" />}
      {/* The texts are the button's name, in this order. */}
      <text class="node-name" y={NODE.radius + 20}>
        {lineText(resourceName(name), 24)}
      </text>
      <text class="node-type" y={NODE.radius + 36}>
        {trouble(outcomes) ?? typeLabel(lineText(type, 40))}
      </text>
      {outcomes.total > 0 && (
        <>
          <text class="node-mean" y="-2">
            {durationText(outcomes.mean ?? 0)}
          </text>
          <text class="node-rate" y="13">
            {rate}
          </text>
        </>
      )}
      {outcomes.total === 0 && icon === undefined && (
        <text class="node-rate" y="4">
          –
        </text>
      )}
    </g>
  );
}

/** Returns the shares of failed requests as text; the colors of the ring show the same. */
function trouble({ fault, error, throttle, total }: Outcomes): string | undefined {
  // A throttled request is an error, too; there is room for two shares.
  const others = error > 0 ? error + throttle : throttle;
  const parts = [
    fault > 0 ? `${percentText(fault / total)} fault` : '',
    others > 0 ? `${percentText(others / total)} ${error > 0 ? 'error' : 'throttle'}` : '',
  ].filter(Boolean);
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function worst({ fault, error, throttle }: Outcomes): string {
  if (fault > 0) return 'is-fault';
  if (throttle > 0) return 'is-throttle';
  return error > 0 ? 'is-error' : '';
}

function spoken(outcomes: Outcomes): string {
  const { total, mean } = outcomes;
  if (total === 0) return 'no requests of its own';
  const all = `${total} ${total === 1 ? 'request' : 'requests'}, ${durationText(mean ?? 0)} on average`;
  return [all, trouble(outcomes)].filter(Boolean).join(', ');
}

function rateOf(perMinute: number): string {
  return perMinute >= 10 ? String(Math.round(perMinute)) : String(Number(perMinute.toPrecision(2)));
}
