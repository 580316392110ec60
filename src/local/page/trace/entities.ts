import { asList, asNumber, asObject, asText, type JsonObject, parseJson } from '../../json.ts';
import { type Entity, isSubsegmentRecord } from '../../trace/entity.ts';

type MutableEntity = {
  -readonly [Key in keyof Entity]: Entity[Key] extends readonly Entity[]
    ? MutableEntity[]
    : Entity[Key];
};

/**
 * Returns the segments and subsegments of a trace as BatchGetTraces gives it: compiled documents,
 * one for each segment, with all subsegments in them.
 *
 * @param documents the `Document` texts
 * @returns the roots in order of start: segments without a caller in this trace, and orphans
 */
export function entitiesOf(documents: readonly string[]): readonly Entity[] {
  const byId = new Map<string, MutableEntity>();
  const tops: MutableEntity[] = [];
  for (const text of documents) {
    const record = asObject(parseJson(text));
    if (record === undefined) continue;
    const kind =
      record['inferred'] === true ? 'inferred' : isSubsegmentRecord(record) ? 'orphan' : 'segment';
    const top = toEntity(record, kind, undefined, byId);
    if (top) tops.push(top);
  }
  for (const top of tops) {
    const caller = byId.get(asText(top.record['parent_id']) ?? '');
    if (caller === undefined || caller === top || top.kind === 'orphan') continue;
    top.caller = caller;
    caller.downstream.push(top);
  }
  const byStart = (a: Entity, b: Entity) => a.start - b.start;
  for (const { downstream } of byId.values()) downstream.sort(byStart);
  return tops.sort(byStart).filter(({ caller }) => caller === undefined);
}

function toEntity(
  record: JsonObject,
  kind: Entity['kind'],
  parent: MutableEntity | undefined,
  byId: Map<string, MutableEntity>,
): MutableEntity | undefined {
  const start = asNumber(record['start_time']);
  if (start === undefined) return undefined;
  const entity: MutableEntity = {
    kind,
    id: asText(record['id']) ?? '',
    name: asText(record['name']) ?? '',
    start,
    end: record['in_progress'] === true ? undefined : asNumber(record['end_time']),
    record,
    children: [],
    parent,
    caller: undefined,
    downstream: [],
  };
  if (!byId.has(entity.id)) byId.set(entity.id, entity);
  for (const child of asList(record['subsegments'])) {
    const childRecord = asObject(child);
    const made = childRecord && toEntity(childRecord, 'subsegment', entity, byId);
    if (made) entity.children.push(made);
  }
  return entity;
}
