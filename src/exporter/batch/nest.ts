import type { SegmentDocument } from '../../translator/document.ts';
import { NO_CHILDREN } from '../encode/written-document.ts';

/**
 * A document and the finished children nested inside it.
 *
 * `bytes` is the length of the document inside another one, without its children.
 */
export interface DocumentNode {
  readonly id: string;
  readonly traceId: string | undefined;
  readonly parentId: string | undefined;
  /** `type: 'subsegment'`. Segments are never nested. */
  readonly subsegment: boolean;
  /** Not `in_progress`. Such a document is not nested, because a later document replaces it. */
  readonly finished: boolean;
  readonly bytes: number;
  children: DocumentNode[];
  /** `bytes` of this document and of all documents inside it. */
  total: number;
}

/** Maximum nesting depth; a deeper child becomes an outermost document. */
const MAX_DEPTH = 100;
/** `,"subsegments":[` and `]`, without the commas. */
const LIST_BYTES = 17;
/** Space for `trace_id`, `parent_id` and `type`, which only an outermost document has. */
export const OUTER_BYTES = 100;

/** Batches up to this size are searched linearly, which is faster than an index by id. */
const LINEAR_SEARCH_MAX = 20;

export interface Forest<N extends DocumentNode> {
  /** The outermost documents. Parents come before the children that did not fit. */
  readonly roots: readonly N[];
  /** Number of nested documents. */
  readonly nested: number;
  /** Number of documents that are outermost only because their parent was full or too deep. */
  readonly split: number;
}

/**
 * Nests finished subsegments inside their finished parents.
 *
 * Nesting never makes an outermost document larger than `maxBytes`. If the children do not fit, the
 * largest subtrees become outermost documents. A document that is too large by itself stays so.
 *
 * @param nodes the documents of one batch, in any order, of any number of traces; sets their
 *   `children` and `total`
 * @param maxBytes maximum size of an outermost document without the frame header
 */
export function nest<N extends DocumentNode>(nodes: readonly N[], maxBytes: number): Forest<N> {
  if (nodes.length === 1) return { roots: nodes, nested: 0, split: 0 };
  const parents = parentsOf(nodes);
  const roots = areBelowLast(nodes, parents) ? nestBelowLast(nodes) : nestAll(nodes, parents);
  const whole = roots.length;
  // Detached subtrees are appended to `roots`. They are within the limit already, or were too deep
  // and are checked here.
  for (let index = 0; index < roots.length; index += 1) {
    applySizeLimit(roots[index] as N, 1, maxBytes - OUTER_BYTES, roots);
  }
  return { roots, nested: nodes.length - roots.length, split: roots.length - whole };
}

const NO_PARENT = -1;

/** Whether the last document is the parent of all others, as in a request without nested calls. */
function areBelowLast(nodes: readonly DocumentNode[], parents: readonly number[]): boolean {
  const last = nodes.length - 1;
  if (parents[last] !== NO_PARENT) return false;
  for (let index = 0; index < last; index += 1) if (parents[index] !== last) return false;
  return true;
}

/** Needs one list of the right size; one that grows from one document reserves 17 places. */
function nestBelowLast<N extends DocumentNode>(nodes: readonly N[]): N[] {
  const root = nodes[nodes.length - 1] as N;
  root.children = nodes.slice(0, -1);
  return [root];
}

/** Puts each document into its parent. Returns those without one. */
function nestAll<N extends DocumentNode>(nodes: readonly N[], parents: readonly number[]): N[] {
  const roots: N[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index] as N;
    const parent = nodeAt(nodes, parents[index] as number);
    if (parent === undefined) roots.push(node);
    else if (parent.children === NO_CHILDREN) parent.children = [node];
    else parent.children.push(node);
  }
  return roots;
}

/** The list that {@link parentsOf} returned last, which is used again. */
const parents: number[] = [];

/**
 * Returns the index of each document's parent, or -1; cycles are broken. The list may be longer than
 * that of the documents, and the next call overwrites it.
 */
function parentsOf(nodes: readonly DocumentNode[]): readonly number[] {
  const indexOf = nodes.length > LINEAR_SEARCH_MAX ? indexById(nodes) : undefined;
  let before = false;
  let behind = false;
  let parent = NO_PARENT;
  for (let index = 0; index < nodes.length; index += 1) {
    parent = parentOf(nodes[index] as DocumentNode, nodes, indexOf, parent);
    parents[index] = parent;
    if (parent === NO_PARENT) continue;
    before ||= parent <= index;
    behind ||= parent >= index;
  }
  // There is no cycle if all parents come after their children, which is usual, or all before.
  if (before && behind) breakCycles(parents, nodes.length);
  return parents;
}

/**
 * Returns the index of a document's parent, or -1.
 *
 * @param guess index of the previous document's parent, because siblings are usually adjacent
 */
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

/** Returns the node at an index. Reading index -1 would be slow in V8. */
function nodeAt<N extends DocumentNode>(nodes: readonly N[], index: number): N | undefined {
  return index === NO_PARENT ? undefined : nodes[index];
}

/** Searches from the end, because parents end after their children. */
function lastWithId(nodes: readonly DocumentNode[], id: string): number {
  let index = nodes.length - 1;
  for (; index >= 0; index -= 1) {
    const node = nodes[index] as DocumentNode;
    if (node.id === id && node.finished) break;
  }
  return index;
}

/** Returns the last index of each id among the documents that can be parents. */
function indexById(nodes: readonly DocumentNode[]): ReadonlyMap<string, number> {
  const byId = new Map<string, number>();
  for (let index = 0; index < nodes.length; index += 1) {
    const { finished, id } = nodes[index] as DocumentNode;
    if (finished) byId.set(id, index);
  }
  return byId;
}

/** Makes one document of each cycle a root, so that none is lost. */
function breakCycles(parents: number[], length: number): void {
  // 0: not visited, 1: on the current path, 2: ends at a root.
  const state = new Uint8Array(length);
  for (let start = 0; start < length; start += 1) {
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

/** Computes the size of a subtree. Moves documents that do not fit or are too deep to `roots`. */
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

/** Detaches the largest children until the rest fits. Returns the new total. */
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

/** Returns a document and the documents nested inside it as flat documents, parents first. */
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
