import { type Entity, flagsOf, lengthOf } from '../../trace/entity.ts';
import { type StatusName, statusName } from '../../trace/labels.ts';
import { callees } from '../../trace/self-time.ts';

/** Calls of one name under one parent, drawn as one line. */
export interface RepeatGroup {
  readonly members: readonly Entity[];
  /** Sum of their lengths, in seconds. */
  readonly seconds: number;
  readonly end: number | undefined;
  /** The worst of its members. */
  readonly status: StatusName;
}

/** A line of the timeline. */
export interface Row {
  /** Unique within the trace, the same after each reload. */
  readonly key: string;
  /** The first member, for a group. */
  readonly entity: Entity;
  readonly depth: number;
  readonly parentKey: string | undefined;
  readonly hasChildren: boolean;
  readonly expanded: boolean;
  readonly group?: RepeatGroup | undefined;
}

export interface RowOptions {
  /** Draw repeated calls of one parent as one line that can be opened. */
  readonly groupRepeats?: boolean;
  /** Keys of the groups that are open. */
  readonly opened?: ReadonlySet<string>;
}

/** So many calls of one name become a group. */
const LEAST_REPEATS = 5;
const NONE: ReadonlySet<string> = new Set();

interface Pending {
  readonly entity: Entity;
  readonly depth: number;
  readonly parentKey: string | undefined;
  readonly members?: readonly Entity[];
}

/**
 * Returns the lines of the timeline in the order of the tree that `otel-xray dev` prints:
 * subsegments under their segment, and the segments of called services under the subsegment that
 * called them.
 *
 * @param closed keys of the lines whose children are hidden
 */
export function timelineRows(
  tops: readonly Entity[],
  closed: ReadonlySet<string>,
  { groupRepeats = false, opened = NONE }: RowOptions = {},
): readonly Row[] {
  const rows: Row[] = [];
  const keys = new Set<string>();
  const open: Pending[] = [];
  const push = (pending: readonly Pending[]): void => {
    for (let i = pending.length - 1; i >= 0; i--) open.push(pending[i] as Pending);
  };
  const under = (entities: readonly Entity[], depth: number, parentKey: string | undefined) => {
    const plain = entities.map((entity): Pending => ({ entity, depth, parentKey }));
    push(groupRepeats ? grouped(plain) : plain);
  };
  under(tops, 0, undefined);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { entity, depth, parentKey, members } = next;
    if (members) {
      const key = freeKey(`${entity.id}+`, keys);
      const expanded = opened.has(key);
      const group = groupOf(members);
      rows.push({ key, entity, depth, parentKey, hasChildren: true, expanded, group });
      if (expanded) {
        push(members.map((member) => ({ entity: member, depth: depth + 1, parentKey: key })));
      }
      continue;
    }
    const key = freeKey(entity.id, keys);
    const children = callees(entity);
    const expanded = !closed.has(key);
    rows.push({ key, entity, depth, parentKey, hasChildren: children.length > 0, expanded });
    if (expanded) under(children, depth + 1, key);
  }
  return rows;
}

/** Puts calls of one name together at the place of the first. */
function grouped(siblings: readonly Pending[]): readonly Pending[] {
  if (siblings.length < LEAST_REPEATS) return siblings;
  const byName = new Map<string, Pending[]>();
  for (const each of siblings) {
    const name = `${each.entity.name}\n${String(each.entity.record['namespace'])}`;
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [each]);
    else list.push(each);
  }
  const gone = new Set<Pending>();
  const first = new Map<Pending, readonly Entity[]>();
  for (const list of byName.values()) {
    if (list.length < LEAST_REPEATS) continue;
    first.set(
      list[0] as Pending,
      list.map(({ entity }) => entity),
    );
    for (const each of list.slice(1)) gone.add(each);
  }
  return siblings
    .filter((each) => !gone.has(each))
    .map((each) => {
      const members = first.get(each);
      return members ? { ...each, members } : each;
    });
}

const WORST: readonly StatusName[] = ['fault', 'throttle', 'error', 'in progress', 'ok'];

function groupOf(members: readonly Entity[]): RepeatGroup {
  const statuses = new Set(
    members.map(({ record, end }) => statusName(flagsOf(record), end === undefined)),
  );
  const ends = members.map(({ end }) => end);
  return {
    members,
    seconds: members.reduce((sum, member) => sum + (lengthOf(member) ?? 0), 0),
    end: ends.reduce(
      (last, end) => (last === undefined || end === undefined ? undefined : Math.max(last, end)),
      0,
    ),
    status: WORST.find((status) => statuses.has(status)) ?? 'ok',
  };
}

/** Two subsegments of one document may have the same id. */
function freeKey(id: string, keys: Set<string>): string {
  let key = id;
  for (let i = 2; keys.has(key); i++) key = `${id}/${i}`;
  keys.add(key);
  return key;
}
