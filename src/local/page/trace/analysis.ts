/** Where the time of a trace goes. Pure; times are epoch seconds, lengths are seconds. */
import { type Entity, toMicros } from '../../trace/entity.ts';
import { callees } from '../../trace/self-time.ts';

export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** Differences below this come from clocks and rounding. */
const EPSILON = 1e-6;
const MAX_STEPS = 100_000;

/**
 * Returns the critical path: the intervals in which shortening the work of an entity would have
 * shortened the trace. Goes back from the end of the root: the callee that ended last was waited
 * for, before it the one that had ended when it began. What outlives its caller was not waited for.
 */
export function criticalPath(root: Entity): ReadonlyMap<Entity, readonly Interval[]> {
  const path = new Map<Entity, Interval[]>();
  const add = (entity: Entity, start: number, end: number): void => {
    if (end - start < EPSILON) return;
    const intervals = path.get(entity) ?? [];
    intervals.push({ start, end });
    path.set(entity, intervals);
  };
  const open: { readonly entity: Entity; readonly until: number }[] = [
    { entity: root, until: root.end ?? root.start },
  ];
  const seen = new Set<Entity>();
  for (let steps = 0; open.length > 0 && steps < MAX_STEPS; steps++) {
    const { entity, until } = open.pop() as { entity: Entity; until: number };
    if (seen.has(entity)) continue;
    seen.add(entity);
    let time = until;
    const byEnd = [...callees(entity)].sort((a, b) => endOf(b) - endOf(a));
    for (const callee of byEnd) {
      const end = endOf(callee);
      if (end > time + EPSILON || callee.start < entity.start - EPSILON) continue;
      add(entity, end, time);
      open.push({ entity: callee, until: Math.min(end, time) });
      time = Math.min(callee.start, time);
    }
    add(entity, entity.start, time);
  }
  return path;
}

function endOf({ start, end }: Entity): number {
  return end ?? start;
}

/** Calls of one name under one parent, and their time on the critical path. */
export interface SlowPart {
  /** The first of them. */
  readonly entity: Entity;
  readonly calls: number;
  readonly seconds: number;
}

/**
 * Returns the parts that take most of the critical path, the longest first. Many short calls are
 * one part.
 */
export function slowestParts(
  path: ReadonlyMap<Entity, readonly Interval[]>,
  most: number,
): readonly SlowPart[] {
  const parts = new Map<string, { entity: Entity; calls: number; seconds: number }>();
  for (const [entity, intervals] of path) {
    const key = `${entity.parent?.id ?? entity.id}\n${entity.name}`;
    const seconds = intervals.reduce((sum, { start, end }) => sum + end - start, 0);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, { entity, calls: 1, seconds });
    else {
      part.calls += 1;
      part.seconds += seconds;
      if (entity.start < part.entity.start) part.entity = entity;
    }
  }
  return [...parts.values()]
    .map((part) => ({ ...part, seconds: toMicros(part.seconds) }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, most);
}
