import { Graph, layout } from '@dagrejs/dagre';
import type { ServiceMap } from './graph.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Node key → its middle. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** Edge key → points of its line. */
  readonly edges: ReadonlyMap<string, readonly Point[]>;
}

/** Pixels that a node takes with its texts; its ring stands above its middle. */
export const NODE = { width: 168, height: 112, radius: 34, lift: 18 };
const MARGIN = 10;

/** From left to right, or from top to bottom where there is little width. */
export type Direction = 'LR' | 'TB';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The scale at which a layout fits a frame; never above 1. */
export function fitScale(layout: Size, frame: Size): number {
  return Math.min(1, frame.width / layout.width, frame.height / layout.height);
}

/** The layout that is larger in the frame; from left to right where both are equal. */
export function bestLayout(
  map: ServiceMap,
  frame: Size,
): { readonly layout: Layout; readonly direction: Direction } {
  const across = layoutOf(map, 'LR');
  const scale = fitScale(across, frame);
  if (scale === 1) return { layout: across, direction: 'LR' };
  const down = layoutOf(map, 'TB');
  return fitScale(down, frame) > scale
    ? { layout: down, direction: 'TB' }
    : { layout: across, direction: 'LR' };
}

/** Lays out nodes in the direction of the calls. */
export function layoutOf({ nodes, edges }: ServiceMap, direction: Direction): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction,
    nodesep: 2,
    ranksep: direction === 'LR' ? 76 : 46,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { key } of nodes) graph.setNode(key, { width: NODE.width, height: NODE.height });
  for (const { from, to, key } of edges) graph.setEdge(from, to, {}, key);
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes: new Map(nodes.map(({ key }) => [key, pointOf(graph.node(key))])),
    edges: new Map(
      edges.map(({ from, to, key }) => {
        const { points = [] } = graph.edge(from, to, key) as { points?: readonly Point[] };
        return [key, points];
      }),
    ),
  };
}

function pointOf({ x, y }: { readonly x?: number; readonly y?: number }): Point {
  return { x: x ?? 0, y: y ?? 0 };
}

/** A smooth line from rim to rim of two round nodes through the points between them. */
export function edgePath(
  from: Point,
  to: Point,
  points: readonly Point[],
  direction: Direction,
): string {
  const { radius, height, lift } = NODE;
  if (from.x === to.x && from.y === to.y) {
    const { x, y } = from;
    const top = y - radius;
    return `M${x - 14},${top + 4} C${x - 44},${top - 40} ${x + 44},${top - 40} ${x + 14},${top + 4}`;
  }
  const inner = points.slice(1, -1);
  // From top to bottom a line leaves below the node's texts.
  const start =
    direction === 'LR'
      ? onRim(from, inner[0] ?? to, radius + 2)
      : { x: from.x, y: from.y + height / 2 + lift };
  const end =
    direction === 'LR'
      ? onRim(to, inner.at(-1) ?? from, radius + 7)
      : { x: to.x, y: to.y - radius - 7 };
  const all = [start, ...inner, end];
  let path = `M${round(start.x)},${round(start.y)}`;
  for (let i = 1; i < all.length; i++) {
    path += curve(all[i - 1] as Point, all[i] as Point, direction);
  }
  return path;
}

function curve(a: Point, b: Point, direction: Direction): string {
  const middle = direction === 'LR' ? (a.x + b.x) / 2 : (a.y + b.y) / 2;
  const [c, d] =
    direction === 'LR'
      ? [`${round(middle)},${round(a.y)}`, `${round(middle)},${round(b.y)}`]
      : [`${round(a.x)},${round(middle)}`, `${round(b.x)},${round(middle)}`];
  return ` C${c} ${d} ${round(b.x)},${round(b.y)}`;
}

/** Returns the point of a circle around `centre` in the direction of `towards`, flattened sideways. */
function onRim(centre: Point, towards: Point, radius: number): Point {
  const angle = Math.atan2((towards.y - centre.y) * 0.35, towards.x - centre.x);
  return { x: centre.x + Math.cos(angle) * radius, y: centre.y + Math.sin(angle) * radius };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
