import { asList, asNumber, asObject, asText, type JsonObject } from '../json.ts';
import { type Entity, isCall, isSubsegmentRecord, withDescendants } from './entity.ts';
import { inferredRecord } from './inferred.ts';

/** A document of the store. */
export interface ArrivedDocument {
  /** Order of arrival. */
  readonly seq: number;
  readonly record: JsonObject;
}

/** All documents of one trace id, put together (spec/xray-api.md section 5.0). */
export interface Trace {
  readonly id: string;
  /** Received segments, by start time. */
  readonly segments: readonly Entity[];
  /** Segments inferred from calls, by start time. */
  readonly inferred: readonly Entity[];
  /** Independent subsegments whose parent has not arrived, by start time. */
  readonly orphans: readonly Entity[];
  /** The earliest segment without a caller in this trace. */
  readonly root: Entity | undefined;
  /** Earliest start, epoch seconds. */
  readonly start: number;
  /** Latest end (or start of what is in progress), epoch seconds. */
  readonly end: number;
  /** Something is in progress, or waits for its parent. */
  readonly partial: boolean;
}

/** Deeper or more than this is left out: a stack or a screen has an end. */
const MAX_DEPTH = 400;
const MAX_ENTITIES = 50_000;

type Draft = {
  -readonly [Key in keyof Entity]: Entity[Key] extends readonly Entity[] ? Draft[] : Entity[Key];
} & { parentId: string | undefined; independent: boolean; seq: number };

/**
 * Puts a trace together.
 *
 * The order of the documents in the list has no influence on the result, their `seq` only where
 * two complete documents have the same id: the later then wins.
 */
export function assemble(id: string, documents: readonly ArrivedDocument[]): Trace {
  const drafts = collect(documents);
  for (const draft of drafts.values()) link(draft, drafts);
  const tops = cutCycles(drafts);
  for (const draft of drafts.values()) {
    draft.children.sort(byStart);
    draft.downstream.sort(byStart);
  }
  const segments = tops.filter((top) => top.kind === 'segment');
  const orphans = tops.filter((top) => top.kind === 'orphan');
  const inferred = infer(id, drafts);
  const all = [...drafts.values()];
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

/** Every segment and subsegment once, by id. */
function collect(documents: readonly ArrivedDocument[]): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  const open: { record: JsonObject; under: string | undefined; depth: number; seq: number }[] = [];
  for (const { record, seq } of documents) open.push({ record, under: undefined, depth: 0, seq });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { record, under, depth, seq } = next;
    const draft = draftOf(record, under, seq);
    if (draft === undefined) continue;
    const known = drafts.get(draft.id);
    if (known === undefined && drafts.size >= MAX_ENTITIES) continue;
    if (known === undefined || wins(draft, known)) drafts.set(draft.id, draft);
    if (depth >= MAX_DEPTH) continue;
    for (const child of asList(record['subsegments'])) {
      const childRecord = asObject(child);
      if (childRecord) open.push({ record: childRecord, under: draft.id, depth: depth + 1, seq });
    }
  }
  return drafts;
}

function draftOf(record: JsonObject, under: string | undefined, seq: number): Draft | undefined {
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

/** Whether `a` stands for the id rather than `b`. */
function wins(a: Draft, b: Draft): boolean {
  if ((a.kind === 'segment') !== (b.kind === 'segment')) return a.kind === 'segment';
  if ((a.end === undefined) !== (b.end === undefined)) return a.end !== undefined;
  if (a.seq !== b.seq) return a.seq > b.seq;
  return a.independent && !b.independent;
}

function link(draft: Draft, drafts: ReadonlyMap<string, Draft>): void {
  const parent = draft.parentId === draft.id ? undefined : drafts.get(draft.parentId ?? '');
  if (draft.kind === 'segment') {
    draft.caller = parent;
    parent?.downstream.push(draft);
  } else if (parent === undefined) {
    draft.kind = 'orphan';
  } else {
    draft.parent = parent;
    parent.children.push(draft);
  }
}

/** The tops of all trees, by start time; where parents run in a circle, its first member is one. */
function cutCycles(drafts: ReadonlyMap<string, Draft>): Draft[] {
  const sorted = [...drafts.values()].sort(byStart);
  const tops = sorted.filter((draft) => draft.parent === undefined);
  const reached = new Set<Entity>();
  for (const top of tops) for (const entity of withDescendants(top)) reached.add(entity);
  if (reached.size === sorted.length) return tops;
  for (const draft of sorted) {
    if (reached.has(draft)) continue;
    const parent = draft.parent as Draft;
    parent.children.splice(parent.children.indexOf(draft), 1);
    draft.parent = undefined;
    draft.kind = 'orphan';
    tops.push(draft);
    for (const entity of withDescendants(draft)) reached.add(entity);
  }
  return tops.sort(byStart);
}

/** A segment for each call that no received segment answers. */
function infer(traceId: string, drafts: ReadonlyMap<string, Draft>): Entity[] {
  const inferred: Entity[] = [];
  for (const call of drafts.values()) {
    if (call.kind === 'segment' || !isCall(call.record) || call.downstream.length > 0) continue;
    const record = inferredRecord(traceId, call);
    const segment: Draft = {
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
