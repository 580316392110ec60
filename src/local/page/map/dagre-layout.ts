import { Graph, layout } from '@dagrejs/dagre';
import {
  type Direction,
  fitScale,
  type Layout,
  MARGIN,
  NODE,
  NODE_GAP,
  type PlacedMap,
  type Point,
  RANK_GAP,
  type Shape,
  type Size,
} from './layout.ts';

/** Returns the layout that is larger in the frame; from left to right where both are equal. */
export function bestLayout(map: Shape, frame: Size): PlacedMap {
  const across = layoutOf(map, 'LR');
  const scale = fitScale(across, frame);
  if (scale === 1) return { layout: across, direction: 'LR' };
  const down = layoutOf(map, 'TB');
  return fitScale(down, frame) > scale
    ? { layout: down, direction: 'TB' }
    : { layout: across, direction: 'LR' };
}

/** Lays out nodes in the direction of the calls. */
export function layoutOf({ nodes, edges }: Shape, direction: Direction): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction,
    nodesep: NODE_GAP,
    ranksep: RANK_GAP[direction],
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
