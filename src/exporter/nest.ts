import type { SegmentDocument } from '../translator/document.ts';

/**
 * One document with the finished children that go inside it.
 *
 * `bytes` is the document's own length when it stands inside another one, without its children.
 */
export interface Node {
  readonly id: string;
  readonly traceId: string | undefined;
  readonly parentId: string | undefined;
  /** `type: 'subsegment'`; a segment never goes inside another document. */
  readonly subsegment: boolean;
  /** Not `in_progress`: such a document is replaced by a later one, so it stays alone. */
  readonly finished: boolean;
  readonly bytes: number;
  children: Node[];
  /** `bytes` and those of all documents inside. */
  total: number;
}

/** Longest chain of documents inside each other; a deeper one starts a document of its own. */
const MAX_DEPTH = 100;
/** `,"subsegments":[` and `]`; then a comma between two. */
const LIST_BYTES = 17;
/** `trace_id`, `parent_id` and `type`, which only the outermost document has. */
export const OUTER_BYTES = 100;

/** What no document has: the children of a leaf. */
const NO_CHILDREN: Node[] = [];

export function leaf(node: Omit<Node, 'children' | 'total'>): Node {
  return { ...node, children: NO_CHILDREN, total: node.bytes };
}

export interface Forest {
  /** The outermost documents, parents before the children that had to go alone. */
  readonly roots: readonly Node[];
  /** How many are inside another one. */
  readonly nested: number;
  /** How many are outside only because their parent's document would have been too big. */
  readonly split: number;
}

/**
 * Puts finished subsegments inside their finished parents.
 *
 * No outermost document becomes larger than `maxBytes`, unless it is so alone: where the children
 * do not fit, the largest subtrees leave first, as documents of their own.
 *
 * @param nodes the documents of one batch, in any order, of any number of traces; their
 *   `children` and `total` are written
 * @param maxBytes of one outermost document, without the frame's header
 */
export function nest(nodes: readonly Node[], maxBytes: number): Forest {
  if (nodes.length === 1) return { roots: nodes, nested: 0, split: 0 };
  const parents = parentsOf(nodes);
  const roots: Node[] = [];
  for (const [index, node] of nodes.entries()) {
    const parent = parents[index];
    if (parent === undefined) roots.push(node);
    else if (parent.children === NO_CHILDREN) parent.children = [node];
    else parent.children.push(node);
  }
  const reached = roots.length;
  for (let index = 0; index < roots.length; index += 1) {
    const root = roots[index];
    if (root !== undefined) settle(root, maxBytes, roots);
  }
  return { roots, nested: nodes.length - roots.length, split: roots.length - reached };
}

/** For each document the one it goes into; chains that bite their own tail are opened. */
function parentsOf(nodes: readonly Node[]): readonly (Node | undefined)[] {
  const byId = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    if (node.finished && !byId.has(node.id)) byId.set(node.id, index);
  }
  const parents: (number | undefined)[] = nodes.map((node) => {
    if (!node.subsegment || !node.finished || node.parentId === undefined) return undefined;
    const parent = byId.get(node.parentId);
    return parent !== undefined && nodes[parent]?.traceId === node.traceId ? parent : undefined;
  });
  // Every document is walked once: 0 not seen, 1 on the present walk, 2 known to end at a root.
  const state = new Uint8Array(nodes.length);
  for (let start = 0; start < nodes.length; start += 1) {
    let at: number | undefined = start;
    let last = start;
    while (at !== undefined && state[at] === 0) {
      state[at] = 1;
      last = at;
      at = parents[at];
    }
    if (at !== undefined && state[at] === 1) parents[last] = undefined;
    for (at = start; at !== undefined && state[at] === 1; at = parents[at]) state[at] = 2;
  }
  return parents.map((parent) => (parent === undefined ? undefined : nodes[parent]));
}

/** Sums up the sizes below a root, and moves to `roots` what does not fit or lies too deep. */
function settle(root: Node, maxBytes: number, roots: Node[]): void {
  const order: { node: Node; depth: number }[] = [{ node: root, depth: 1 }];
  for (const { node, depth } of order) {
    if (depth < MAX_DEPTH) {
      for (const child of node.children) order.push({ node: child, depth: depth + 1 });
    } else if (node.children.length > 0) {
      roots.push(...node.children);
      node.children = NO_CHILDREN;
    }
  }
  for (const { node } of order.reverse()) {
    if (node.children.length > 0) fitChildren(node, maxBytes - OUTER_BYTES, roots);
    else node.total = node.bytes;
  }
}

function fitChildren(node: Node, maxBytes: number, roots: Node[]): void {
  let total = node.bytes + LIST_BYTES - 1;
  for (const child of node.children) total += child.total + 1;
  if (total > maxBytes) {
    const leaving = new Set<Node>();
    for (const child of [...node.children].sort((a, b) => b.total - a.total)) {
      if (total <= maxBytes) break;
      leaving.add(child);
      total -= child.total + 1;
    }
    roots.push(...leaving);
    node.children = node.children.filter((child) => !leaving.has(child));
    if (node.children.length === 0) total = node.bytes;
  }
  node.total = total;
}

/** The documents of one nested document, each as it would have gone alone: parents first. */
export function flatten(document: SegmentDocument): readonly SegmentDocument[] {
  const flat: SegmentDocument[] = [];
  const queue: SegmentDocument[] = [document];
  for (const { subsegments = [], ...own } of queue) {
    flat.push(own);
    for (const { name, id, ...rest } of subsegments) {
      const place = { trace_id: document.trace_id, parent_id: own.id, type: 'subsegment' as const };
      queue.push({ name, id, ...place, ...rest });
    }
  }
  return flat;
}
