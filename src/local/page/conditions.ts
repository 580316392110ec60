/** Parts of filter expressions for values that the page shows. Pure. */
import type { Entity } from '../trace/entity.ts';
import { topOf } from '../trace/entity.ts';
import { calledNode, type Node, nodeOf as nodeOfTop } from '../trace/node.ts';
import { quoted } from './list/seen.ts';

/** Returns the condition `annotation[key] = "value"`. */
export function annotationIs(key: string, value: unknown): string {
  return `annotation[${key}] = ${typeof value === 'string' ? quoted(value) : String(value)}`;
}

/** Returns the condition `key = "value"`, or `key = 3`. */
export function fieldIs(key: string, value: string | number): string {
  return `${key} = ${typeof value === 'string' ? quoted(value) : String(value)}`;
}

/** Returns the condition `service("name")`, with the type of the node where it has one. */
export function nodeIs({ name, type }: Pick<Node, 'name' | 'type'>): string {
  return `service(${nodeText({ name, type })})`;
}

function nodeText({ name, type }: Pick<Node, 'name' | 'type'>): string {
  return type === undefined || type === ''
    ? quoted(name)
    : `id(name: ${quoted(name)}, type: ${quoted(type)})`;
}

/** Adds a condition to a filter with AND; the filter itself when it has the condition already. */
export function withCondition(filter: string, condition: string): string {
  const text = filter.trim();
  if (text === '') return condition;
  if (text === condition || text.split(' AND ').includes(condition)) return text;
  return `${hasOr(text) ? `(${text})` : text} AND ${condition}`;
}

/** Returns the negation of a condition. */
export function without(condition: string): string {
  return `!(${condition})`;
}

/** Returns whether `OR` stands outside of strings; then the whole needs parentheses. */
function hasOr(text: string): boolean {
  return /\bor\b/i.test(text.replace(/"(?:\\.|[^"\\])*"/g, '""'));
}

/**
 * Returns the node of a segment, or the one that a call leads to; `undefined` for other
 * subsegments.
 */
export function nodeOfEntity(entity: Entity): Node | undefined {
  if (entity.parent === undefined) return nodeOfTop(entity);
  const { namespace } = entity.record;
  if (namespace !== 'aws' && namespace !== 'remote') return undefined;
  const [called] = entity.downstream;
  return called === undefined ? calledNode(entity.record) : nodeOfTop(called);
}

/**
 * Returns a test of a segment's or a call's own values, e.g. `http.status = 502`. X-Ray's plain
 * keywords are about the root, so others need a block.
 *
 * @returns `undefined` where filter expressions cannot express it
 */
export function entityTest(
  entity: Entity,
  root: Entity | undefined,
  test: string,
): string | undefined {
  if (entity === root) return test;
  const node = nodeOfEntity(entity);
  if (node === undefined) return undefined;
  if (entity.parent === undefined) return `${nodeIs(node)} { ${test} }`;
  return `edge(${nodeText(nodeOfTop(topOf(entity)))}, ${nodeText(node)}) { ${test} }`;
}
