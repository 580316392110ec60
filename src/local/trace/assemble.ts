import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { type Entity, isCall, isSubsegmentRecord, withDescendants } from './entity.ts';
import { inferredRecord } from './inferred.ts';

/** A document of the store. */
export interface ArrivedDocument {
  /** Order of arrival. */
  readonly seq: number;
  readonly record: JsonObject;
}

/** All documents of one trace id, assembled (docs/spec/xray-api.md section 5.0). */
export interface Trace {
  readonly id: string;
  /** Received segments, by start time. */
  readonly segments: readonly Entity[];
  /** Segments inferred from calls, by start time. */
  readonly inferred: readonly Entity[];
  /** Independent subsegments without their parent, by start time. */
  readonly orphans: readonly Entity[];
  /** The earliest segment without a caller in this trace. */
  readonly root: Entity | undefined;
  /** Earliest start, epoch seconds. */
  readonly start: number;
  /** Latest end, or start of an entity in progress; epoch seconds. */
  readonly end: number;
  /** Whether something is in progress or a parent is missing. */
  readonly partial: boolean;
}

/** Deeper levels and further entities are left out. */
const MAX_DEPTH = 400;
const MAX_ENTITIES = 50_000;

type MutableEntity = {
  -readonly [Key in keyof Entity]: Entity[Key] extends readonly Entity[]
    ? MutableEntity[]
    : Entity[Key];
} & { parentId: string | undefined; independent: boolean; seq: number };

/**
 * Assembles a trace.
 *
 * The order of the documents in the list has no influence on the result, their `seq` only where
 * two complete documents have the same id: the later then wins.
 */
export function assemble(id: string, documents: readonly ArrivedDocument[]): Trace {
  const entities = collect(documents);
  for (const entity of entities.values()) link(entity, entities);
  const tops = cutCycles(entities);
  for (const entity of entities.values()) {
    entity.children.sort(byStart);
    entity.downstream.sort(byStart);
  }
  const segments = tops.filter((top) => top.kind === 'segment');
  const orphans = tops.filter((top) => top.kind === 'orphan');
  const inferred = infer(id, entities);
  const all = [...entities.values()];
  return {
    id,
    segments,
    inferred,
    orphans,
    root: segments.find((segment) => segment.caller === undefined) ?? segments[0],
    start: all.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY),
    end: all.reduce((most, { start, end }) => Math.max(most, end ?? start), 0),
    partial: orphans.length > 0 || all.some(({ end }) => end === undefined),
  };
}

/** Collects every segment and subsegment by id. */
function collect(documents: readonly ArrivedDocument[]): Map<string, MutableEntity> {
  const entities = new Map<string, MutableEntity>();
  const open: { record: JsonObject; under: string | undefined; depth: number; seq: number }[] = [];
  for (const { record, seq } of documents) open.push({ record, under: undefined, depth: 0, seq });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { record, under, depth, seq } = next;
    const entity = toEntity(record, under, seq);
    if (entity === undefined) continue;
    const known = entities.get(entity.id);
    if (known === undefined && entities.size >= MAX_ENTITIES) continue;
    if (known === undefined || wins(entity, known)) entities.set(entity.id, entity);
    if (depth >= MAX_DEPTH) continue;
    for (const child of asList(record['subsegments'])) {
      const childRecord = asObject(child);
      if (childRecord) open.push({ record: childRecord, under: entity.id, depth: depth + 1, seq });
    }
  }
  return entities;
}

function toEntity(
  record: JsonObject,
  under: string | undefined,
  seq: number,
): MutableEntity | undefined {
  const id = asText(record['id']);
  const name = asText(record['name']);
  const start = asNumber(record['start_time']);
  if (id === undefined || name === undefined || start === undefined) return undefined;
  const independent = under === undefined;
  return {
    kind: independent && !isSubsegmentRecord(record) ? 'segment' : 'subsegment',
    id,
    name,
    start,
    end: record['in_progress'] === true ? undefined : asNumber(record['end_time']),
    record,
    children: [],
    parent: undefined,
    caller: undefined,
    downstream: [],
    parentId: under ?? asText(record['parent_id']),
    independent,
    seq,
  };
}

/** Returns whether `a` replaces `b` of the same id. */
function wins(a: MutableEntity, b: MutableEntity): boolean {
  if ((a.kind === 'segment') !== (b.kind === 'segment')) return a.kind === 'segment';
  if ((a.end === undefined) !== (b.end === undefined)) return a.end !== undefined;
  if (a.seq !== b.seq) return a.seq > b.seq;
  return a.independent && !b.independent;
}

function link(entity: MutableEntity, entities: ReadonlyMap<string, MutableEntity>): void {
  const parent = entity.parentId === entity.id ? undefined : entities.get(entity.parentId ?? '');
  if (entity.kind === 'segment') {
    entity.caller = parent;
    parent?.downstream.push(entity);
  } else if (parent === undefined) {
    entity.kind = 'orphan';
  } else {
    entity.parent = parent;
    parent.children.push(entity);
  }
}

/** Returns the roots of all trees, by start time. The first member of a cycle becomes a root. */
function cutCycles(entities: ReadonlyMap<string, MutableEntity>): MutableEntity[] {
  const sorted = [...entities.values()].sort(byStart);
  const tops = sorted.filter((entity) => entity.parent === undefined);
  const reached = new Set<Entity>();
  for (const top of tops) for (const entity of withDescendants(top)) reached.add(entity);
  if (reached.size === sorted.length) return tops;
  for (const entity of sorted) {
    if (reached.has(entity)) continue;
    const parent = entity.parent as MutableEntity;
    parent.children.splice(parent.children.indexOf(entity), 1);
    entity.parent = undefined;
    entity.kind = 'orphan';
    tops.push(entity);
    for (const each of withDescendants(entity)) reached.add(each);
  }
  return tops.sort(byStart);
}

/** Creates a segment for each call that no received segment answers. */
function infer(traceId: string, entities: ReadonlyMap<string, MutableEntity>): Entity[] {
  const inferred: Entity[] = [];
  for (const call of entities.values()) {
    if (call.kind === 'segment' || !isCall(call.record) || call.downstream.length > 0) continue;
    const record = inferredRecord(traceId, call);
    const segment: MutableEntity = {
      kind: 'inferred',
      id: record.id,
      name: call.name,
      start: call.start,
      end: call.end,
      record: record as unknown as JsonObject,
      children: [],
      parent: undefined,
      caller: call,
      downstream: [],
      parentId: call.id,
      independent: true,
      seq: call.seq,
    };
    call.downstream.push(segment);
    inferred.push(segment);
  }
  return inferred.sort(byStart);
}

function byStart(a: Entity, b: Entity): number {
  return a.start - b.start || (a.id < b.id ? -1 : 1);
}
