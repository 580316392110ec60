import type { Entity } from '../../trace/entity.ts';

/** A line of the timeline. */
export interface Row {
  /** Unique within the trace, the same after each reload. */
  readonly key: string;
  readonly entity: Entity;
  readonly depth: number;
  readonly parentKey: string | undefined;
  readonly hasChildren: boolean;
  readonly expanded: boolean;
}

/**
 * The lines of the timeline in the order of the tree that `otel-xray dev` prints: subsegments under
 * their segment, and the segments of called services under the subsegment that called them.
 *
 * @param closed keys of the lines whose children are hidden
 */
export function timelineRows(tops: readonly Entity[], closed: ReadonlySet<string>): readonly Row[] {
  const rows: Row[] = [];
  const keys = new Set<string>();
  const open: { entity: Entity; depth: number; parentKey: string | undefined }[] = [];
  const push = (entities: readonly Entity[], depth: number, parentKey: string | undefined) => {
    for (let i = entities.length - 1; i >= 0; i--) {
      open.push({ entity: entities[i] as Entity, depth, parentKey });
    }
  };
  push(tops, 0, undefined);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { entity, depth, parentKey } = next;
    const key = freeKey(entity.id, keys);
    const children = childrenOf(entity);
    const expanded = !closed.has(key);
    rows.push({ key, entity, depth, parentKey, hasChildren: children.length > 0, expanded });
    if (expanded) push(children, depth + 1, key);
  }
  return rows;
}

/** What is drawn under an entity. An inferred segment says nothing that its call does not say. */
function childrenOf({ children, downstream }: Entity): readonly Entity[] {
  const called = downstream.filter(({ kind }) => kind !== 'inferred');
  if (called.length === 0) return children;
  return [...children, ...called].sort((a, b) => a.start - b.start);
}

/** Two subsegments of one document may have the same id. */
function freeKey(id: string, keys: Set<string>): string {
  let key = id;
  for (let i = 2; keys.has(key); i++) key = `${id}/${i}`;
  keys.add(key);
  return key;
}
