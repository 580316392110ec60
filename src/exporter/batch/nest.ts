import type { SegmentDocument } from '../../translator/document.ts';

/**
 * One document with the finished children that go inside it.
 *
 * `bytes` is the document's own length when it stands inside another one, without its children.
 */
export interface DocumentNode {
  readonly id: string;
  readonly traceId: string | undefined;
  readonly parentId: string | undefined;
  /** `type: 'subsegment'`; a segment never goes inside another document. */
  readonly subsegment: boolean;
  /** Not `in_progress`: such a document is replaced by a later one, so it stays alone. */
  readonly finished: boolean;
  readonly bytes: number;
  children: DocumentNode[];
  /** `bytes` and those of all documents inside. */
  total: number;
}

/** Longest chain of documents inside each other; a deeper one starts a document of its own. */
const MAX_DEPTH = 100;
/** `,"subsegments":[` and `]`; then a comma between two. */
const LIST_BYTES = 17;
/** `trace_id`, `parent_id` and `type`, which only the outermost document has. */
export const OUTER_BYTES = 100;

/** The children of a document that has none; shared, so never written to. */
export const NO_CHILDREN: never[] = [];
/** In batches up to this size, looking through all is faster than an index by id. */
const LINEAR_SEARCH_MAX = 20;

export interface Forest<N extends DocumentNode> {
  /** The outermost documents, parents before the children that had to go alone. */
  readonly roots: readonly N[];
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
export function nest<N extends DocumentNode>(nodes: readonly N[], maxBytes: number): Forest<N> {
  if (nodes.length === 1) return { roots: nodes, nested: 0, split: 0 };
  const parents = parentsOf(nodes);
  const roots: N[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index] as N;
    const parent = nodeAt(nodes, parents[index] as number);
    if (parent === undefined) roots.push(node);
    else if (parent.children === NO_CHILDREN) parent.children = [node];
    else parent.children.push(node);
  }
  const whole = roots.length;
  // What leaves a tree comes behind; it is settled already, or too deep and a tree of its own.
  for (let index = 0; index < roots.length; index += 1) {
    applySizeLimit(roots[index] as N, 1, maxBytes - OUTER_BYTES, roots);
  }
  return { roots, nested: nodes.length - roots.length, split: roots.length - whole };
}

const NO_PARENT = -1;

/** For each document the index of the one it goes into, or -1; circles are opened. */
function parentsOf(nodes: readonly DocumentNode[]): readonly number[] {
  const indexOf = nodes.length > LINEAR_SEARCH_MAX ? indexById(nodes) : undefined;
  const parents: number[] = [];
  let before = false;
  let behind = false;
  let parent = NO_PARENT;
  for (let index = 0; index < nodes.length; index += 1) {
    parent = parentOf(nodes[index] as DocumentNode, nodes, indexOf, parent);
    parents.push(parent);
    if (parent === NO_PARENT) continue;
    before ||= parent <= index;
    behind ||= parent >= index;
  }
  // Where all parents ended behind their children, as usual, or all before them, nothing goes round.
  if (before && behind) breakCycles(parents);
  return parents;
}

/** @param guess where the parent of the document before was found: siblings mostly come together */
function parentOf(
  { subsegment, finished, parentId, traceId }: DocumentNode,
  nodes: readonly DocumentNode[],
  indexOf: ReadonlyMap<string, number> | undefined,
  guess: number,
): number {
  if (!subsegment || !finished || parentId === undefined) return NO_PARENT;
  const guessed = nodeAt(nodes, guess);
  if (guessed?.id === parentId && guessed.traceId === traceId) return guess;
  const parent =
    indexOf === undefined ? lastWithId(nodes, parentId) : (indexOf.get(parentId) ?? NO_PARENT);
  return nodeAt(nodes, parent)?.traceId === traceId ? parent : NO_PARENT;
}

/** To look for what stands at -1, V8 leaves its fast paths. */
function nodeAt<N extends DocumentNode>(nodes: readonly N[], index: number): N | undefined {
  return index === NO_PARENT ? undefined : nodes[index];
}

/** From the end, as parents end behind their children. */
function lastWithId(nodes: readonly DocumentNode[], id: string): number {
  let index = nodes.length - 1;
  for (; index >= 0; index -= 1) {
    const node = nodes[index] as DocumentNode;
    if (node.id === id && node.finished) break;
  }
  return index;
}

/** Where each id is last, among the documents that can be parents. */
function indexById(nodes: readonly DocumentNode[]): ReadonlyMap<string, number> {
  const byId = new Map<string, number>();
  for (let index = 0; index < nodes.length; index += 1) {
    const { finished, id } = nodes[index] as DocumentNode;
    if (finished) byId.set(id, index);
  }
  return byId;
}

/** Two spans that name each other as parents must not vanish: one of them becomes a root. */
function breakCycles(parents: number[]): void {
  // 0 not seen, 1 on the present way up, 2 known to end at a root.
  const state = new Uint8Array(parents.length);
  for (let start = 0; start < parents.length; start += 1) {
    let at = start;
    let last = start;
    while (at !== NO_PARENT && state[at] === 0) {
      state[at] = 1;
      last = at;
      at = parents[at] as number;
    }
    if (at !== NO_PARENT && state[at] === 1) parents[last] = NO_PARENT;
    for (at = start; at !== NO_PARENT && state[at] === 1; at = parents[at] as number) state[at] = 2;
  }
}

/** Sums up the sizes below a document, and moves to `roots` what does not fit or lies too deep. */
function applySizeLimit(
  node: DocumentNode,
  depth: number,
  maxBytes: number,
  roots: DocumentNode[],
): void {
  if (node.children === NO_CHILDREN) return;
  if (depth === MAX_DEPTH) {
    roots.push(...node.children);
    node.children = NO_CHILDREN;
    return;
  }
  let total = node.bytes + LIST_BYTES - 1;
  for (const child of node.children) {
    applySizeLimit(child, depth + 1, maxBytes, roots);
    total += child.total + 1;
  }
  if (total > maxBytes) total = detachLargest(node, total, maxBytes, roots);
  node.total = total;
}

/** Sends the largest children away until the rest fits; the new total. */
function detachLargest(
  node: DocumentNode,
  size: number,
  maxBytes: number,
  roots: DocumentNode[],
): number {
  let total = size;
  const leaving = new Set<DocumentNode>();
  for (const child of [...node.children].sort((a, b) => b.total - a.total)) {
    if (total <= maxBytes) break;
    leaving.add(child);
    total -= child.total + 1;
  }
  roots.push(...leaving);
  const staying = node.children.filter((child) => !leaving.has(child));
  node.children = staying.length === 0 ? NO_CHILDREN : staying;
  return staying.length === 0 ? node.bytes : total;
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
