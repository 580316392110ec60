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
export const NODE = { width: 168, height: 118, radius: 34, lift: 18 };
const MARGIN = 16;

/** Places nodes from left to right in the direction of the calls. */
export function layoutOf({ nodes, edges }: ServiceMap): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'LR',
    nodesep: 8,
    ranksep: 76,
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
export function edgePath(from: Point, to: Point, points: readonly Point[]): string {
  if (from.x === to.x && from.y === to.y) {
    const { x, y } = from;
    const r = NODE.radius;
    return `M${x - 14},${y - r + 4} C${x - 44},${y - r - 40} ${x + 44},${y - r - 40} ${x + 14},${y - r + 4}`;
  }
  const inner = points.slice(1, -1);
  const start = onRim(from, inner[0] ?? to, NODE.radius + 2);
  const end = onRim(to, inner.at(-1) ?? from, NODE.radius + 7);
  const all = [start, ...inner, end];
  let path = `M${round(start.x)},${round(start.y)}`;
  for (let i = 1; i < all.length; i++) {
    const a = all[i - 1] as Point;
    const b = all[i] as Point;
    const middle = (a.x + b.x) / 2;
    path += ` C${round(middle)},${round(a.y)} ${round(middle)},${round(b.y)} ${round(b.x)},${round(b.y)}`;
  }
  return path;
}

/** The point of a circle round `centre` that looks to `towards`, but mostly sideways. */
function onRim(centre: Point, towards: Point, radius: number): Point {
  const angle = Math.atan2((towards.y - centre.y) * 0.35, towards.x - centre.x);
  return { x: centre.x + Math.cos(angle) * radius, y: centre.y + Math.sin(angle) * radius };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
