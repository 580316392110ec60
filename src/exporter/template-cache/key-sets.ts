import type { ResourceParts } from '../../translator/context/resource.ts';
import type { SpanAttributes } from '../../translator/span.ts';
import type { Failure } from './failure.ts';
import type { SpecializedTemplate } from './specialize.ts';

/** A template, and the properties that a span must have besides its attributes. */
export interface CacheEntry {
  readonly kind: number;
  readonly failure: Failure;
  readonly parent: 'none' | 'local' | 'remote' | 'invocation';
  readonly resource: ResourceParts;
  readonly template: SpecializedTemplate;
  /** Spans written from the template since the last review. */
  hits: number;
}

/** The spans of one name that have the same attribute keys in the same order. */
export interface KeySet {
  readonly keys: readonly string[];
  /** The most used ones come first. */
  readonly entries: CacheEntry[];
}

/**
 * A node of the tree of attribute keys: each path from the root is the keys of some spans.
 *
 * Keys that are always followed by the same keys share one node with a list, which is faster to
 * read than a chain of nodes.
 */
export interface KeyNode {
  /** Keys that follow the one that leads to this node. */
  keys: readonly string[];
  /** The child that was added first, which needs no lookup. */
  firstKey: string | undefined;
  firstChild: KeyNode | undefined;
  otherChildren: Map<string, KeyNode> | undefined;
  /** Spans whose keys end here. */
  keySet: KeySet | undefined;
}

export function newNode(keys: readonly string[] = []): KeyNode {
  return {
    keys,
    firstKey: undefined,
    firstChild: undefined,
    otherChildren: undefined,
    keySet: undefined,
  };
}

/**
 * Returns the key set of a span; `undefined` if its keys are not in the tree.
 *
 * @param values receives the values of the attributes in their order
 */
export function findKeySet(
  root: KeyNode,
  attributes: SpanAttributes,
  values: unknown[],
): KeySet | undefined {
  let node = root;
  let { keys } = root;
  let position = 0;
  let count = 0;
  for (const key in attributes) {
    if (position < keys.length) {
      if (keys[position] !== key) return undefined;
      position += 1;
    } else {
      const child = childOf(node, key);
      if (child === undefined) return undefined;
      node = child;
      keys = child.keys;
      position = 0;
    }
    values[count] = attributes[key];
    count += 1;
  }
  return position === keys.length ? node.keySet : undefined;
}

/** Adds the key set for these keys, unless the tree has it. */
export function addKeySet(root: KeyNode, all: readonly string[]): KeySet {
  let node = root;
  let position = 0;
  let index = 0;
  while (index < all.length) {
    const key = all[index] as string;
    if (position < node.keys.length && node.keys[position] === key) position += 1;
    else {
      if (position < node.keys.length) split(node, position);
      let child = childOf(node, key);
      if (child === undefined) {
        child = newNode(all.slice(index + 1));
        addChild(node, key, child);
      }
      node = child;
      position = 0;
    }
    index += 1;
  }
  if (position < node.keys.length) split(node, position);
  node.keySet ??= { keys: all, entries: [] };
  return node.keySet;
}

function childOf(node: KeyNode, key: string): KeyNode | undefined {
  return node.firstKey === key ? node.firstChild : node.otherChildren?.get(key);
}

function addChild(node: KeyNode, key: string, child: KeyNode): void {
  if (node.firstKey === undefined) {
    node.firstKey = key;
    node.firstChild = child;
  } else {
    node.otherChildren ??= new Map();
    node.otherChildren.set(key, child);
  }
}

/** Moves the keys of a node from this position on, and all below it, to a child. */
function split(node: KeyNode, position: number): void {
  const { keys } = node;
  const tail = { ...node, keys: keys.slice(position + 1) };
  node.keys = keys.slice(0, position);
  node.firstKey = keys[position];
  node.firstChild = tail;
  node.otherChildren = undefined;
  node.keySet = undefined;
}

/** Returns all key sets below a node. */
export function keySetsBelow(node: KeyNode): readonly KeySet[] {
  const children = [...(node.otherChildren?.values() ?? [])];
  if (node.firstChild !== undefined) children.unshift(node.firstChild);
  const below = children.flatMap(keySetsBelow);
  return node.keySet === undefined ? below : [node.keySet, ...below];
}
