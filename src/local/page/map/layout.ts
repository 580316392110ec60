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

/** What of a map decides where its parts are. */
export interface Shape {
  readonly nodes: readonly { readonly key: string }[];
  readonly edges: readonly { readonly key: string; readonly from: string; readonly to: string }[];
}

/** Pixels that a node takes with its texts; its ring stands above its middle. */
export const NODE = { width: 168, height: 112, radius: 34, lift: 18 };
export const MARGIN = 10;
export const NODE_GAP = 2;
/** Pixels between callers and callees. */
export const RANK_GAP = { LR: 76, TB: 46 };
const MAX_RANKS = 20;

/** From left to right, or from top to bottom where there is little width. */
export type Direction = 'LR' | 'TB';

/** A layout and the direction in which it was made. */
export interface PlacedMap {
  readonly layout: Layout;
  readonly direction: Direction;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns the scale at which a layout fits a frame; never above 1. */
export function fitScale(layout: Size, frame: Size): number {
  return Math.min(1, frame.width / layout.width, frame.height / layout.height);
}

/** Estimates the size of a layout from left to right, before it is made. */
export function estimatedSize({ nodes, edges }: Shape): Size {
  const ranks = new Map<string, number>(nodes.map(({ key }) => [key, 0]));
  // Each pass moves callees behind their callers; a cycle ends with the passes.
  for (let pass = 0; pass < MAX_RANKS; pass++) {
    let moved = false;
    for (const { from, to } of edges) {
      const rank = (ranks.get(from) ?? 0) + 1;
      if (from === to || rank <= (ranks.get(to) ?? 0) || rank > MAX_RANKS) continue;
      ranks.set(to, rank);
      moved = true;
    }
    if (!moved) break;
  }
  const columns = new Map<number, number>();
  for (const rank of ranks.values()) columns.set(rank, (columns.get(rank) ?? 0) + 1);
  const most = Math.max(1, ...columns.values());
  return {
    width: columns.size * NODE.width + Math.max(columns.size - 1, 0) * RANK_GAP.LR + 2 * MARGIN,
    height: most * NODE.height + (most - 1) * NODE_GAP + 2 * MARGIN,
  };
}

/**
 * Returns the path of a smooth line from rim to rim of two round nodes through the points between
 * them.
 */
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
      : { x: from.x, y: from.y + height / 2 + lift + 4 };
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

/** Returns the point of a circle around `center` in the direction of `towards`, flattened sideways. */
function onRim(center: Point, towards: Point, radius: number): Point {
  const angle = Math.atan2((towards.y - center.y) * 0.35, towards.x - center.x);
  return { x: center.x + Math.cos(angle) * radius, y: center.y + Math.sin(angle) * radius };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
