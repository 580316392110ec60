import { type Entity, toMicros } from './entity.ts';

/** Returns subsegments and the segments of called services. Inferred segments repeat their call. */
export function callees({ children, downstream }: Entity): readonly Entity[] {
  const called = downstream.filter(({ kind }) => kind !== 'inferred');
  if (called.length === 0) return children;
  return [...children, ...called].sort((a, b) => a.start - b.start);
}

/**
 * Returns the seconds in which none of its subsegments or called segments ran; `undefined` while in
 * progress.
 */
export function selfTime(entity: Entity): number | undefined {
  const { start, end } = entity;
  if (end === undefined) return undefined;
  let covered = 0;
  let until = start;
  for (const child of callees(entity)) {
    const from = Math.max(child.start, until);
    const to = Math.min(child.end ?? end, end);
    if (to <= from) continue;
    covered += to - from;
    until = to;
  }
  return toMicros(Math.max(end - start - covered, 0));
}
