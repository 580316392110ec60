import { asList, asObject, asText } from '../json.ts';
import type { Trace } from './assemble.ts';
import { type Entity, flagsOf, isCall, lengthOf } from './entity.ts';
import { type Node, nodeOf } from './node.ts';

export type RootCauseKind = 'fault' | 'error' | 'responsetime';

export interface RootCause {
  readonly clientImpacting: boolean;
  readonly services: readonly CauseService[];
}

/** A service on the path to the cause. */
export interface CauseService {
  readonly node: Node;
  readonly inferred: boolean;
  /** The segment and the subsegments down to the call that leads on. */
  readonly entities: readonly CauseEntity[];
}

export interface CauseEntity {
  readonly name: string;
  readonly remote: boolean;
  readonly exceptions: readonly CauseException[];
  /** Share of the root segment's length; for response times only. */
  readonly coverage: number | undefined;
}

export interface CauseException {
  readonly name: string | undefined;
  readonly message: string | undefined;
}

/** From the first segment down to the cause: one list per segment. */
type Way = readonly (readonly Entity[])[];

const MAX_CAUSES = 100;
const MAX_WAY = 200;

/**
 * Returns why a trace failed or was slow. X-Ray does not document its algorithm; this is ours.
 *
 * @see docs/spec/xray-api.md section 5.2
 */
export function rootCauses(trace: Trace, kind: RootCauseKind): readonly RootCause[] {
  if (kind === 'responsetime') return responseTimeCause(trace);
  const has = (entity: Entity): boolean => flagsOf(entity.record)[kind];
  const ways: Way[] = [];
  for (const segment of trace.segments) {
    if (segment.caller && has(segment.caller)) continue;
    for (const start of starts(segment, has)) {
      follow([start], has, ways);
      if (ways.length >= MAX_CAUSES) break;
    }
  }
  const clientImpacting = trace.root !== undefined && has(trace.root);
  return ways.slice(0, MAX_CAUSES).map((way) => ({
    clientImpacting,
    services: way.map((path) => serviceOf(path, undefined)),
  }));
}

/** Returns paths from the segment to its topmost entities that satisfy `has`. */
function starts(segment: Entity, has: (entity: Entity) => boolean): (readonly Entity[])[] {
  const found: Entity[][] = [];
  const open: Entity[][] = [[segment]];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entity = path.at(-1) as Entity;
    if (has(entity)) found.push(path);
    else for (const child of entity.children.toReversed()) open.push([...path, child]);
    if (found.length >= MAX_CAUSES) break;
  }
  return found;
}

function follow(way: Way, has: (entity: Entity) => boolean, ways: Way[]): void {
  const open: Way[] = [way];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ways.length >= MAX_CAUSES) return;
    const steps = next.length >= MAX_WAY ? [] : stepsOf(next).filter(({ to }) => has(to));
    if (steps.length === 0) ways.push(next);
    for (const { to, way: longer } of steps.toReversed()) {
      // Segments that name each other as callers form a cycle.
      if (!next.some((path) => path.includes(to))) open.push(longer);
    }
  }
}

/** Returns how a path can continue: into a subsegment, or into a called segment. */
function stepsOf(way: Way): readonly { readonly to: Entity; readonly way: Way }[] {
  const before = way.slice(0, -1);
  const path = way.at(-1) as readonly Entity[];
  const entity = path.at(-1) as Entity;
  return [
    ...entity.downstream.map((to) => ({ to, way: [...way, [to]] })),
    ...entity.children.map((to) => ({ to, way: [...before, [...path, to]] })),
  ];
}

/** Follows the longest step while it covers at least half of its start. */
function responseTimeCause(trace: Trace): readonly RootCause[] {
  const whole = trace.root && lengthOf(trace.root);
  if (trace.root === undefined || whole === undefined) return [];
  let way: Way = [[trace.root]];
  let last = whole;
  for (let steps = 0; steps < MAX_WAY; steps++) {
    const seen = way.flat();
    const longest = stepsOf(way)
      .map((step) => ({ ...step, length: lengthOf(step.to) ?? -1 }))
      .filter(({ to, length }) => length >= last / 2 && !seen.includes(to))
      .sort((a, b) => b.length - a.length)[0];
    if (longest === undefined) break;
    way = longest.way;
    last = longest.length;
  }
  return [{ clientImpacting: true, services: way.map((path) => serviceOf(path, whole)) }];
}

function serviceOf(path: readonly Entity[], whole: number | undefined): CauseService {
  const top = path[0] as Entity;
  return {
    node: nodeOf(top),
    inferred: top.kind === 'inferred',
    entities: path.map((entity) => ({
      name: entity.name,
      remote: isCall(entity.record),
      exceptions: exceptionsOf(entity),
      coverage: whole === undefined ? undefined : coverage(lengthOf(entity) ?? 0, whole),
    })),
  };
}

function coverage(length: number, whole: number): number {
  return whole === 0 ? 1 : Math.round((length / whole) * 1000) / 1000;
}

function exceptionsOf(entity: Entity): readonly CauseException[] {
  return asList(asObject(entity.record['cause'])?.['exceptions']).map((exception) => {
    const record = asObject(exception);
    return { name: asText(record?.['type']), message: asText(record?.['message']) };
  });
}
