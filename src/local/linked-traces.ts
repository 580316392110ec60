import type { Store, StoredTrace } from './store/store.ts';
import { assemble } from './trace/assemble.ts';
import { flagsOf, isOpen, lengthOf, withDescendants } from './trace/entity.ts';
import { type StatusName, statusName, summaryParts } from './trace/labels.ts';
import { linkedIds } from './trace/links.ts';

/** A trace that another one links to, or is linked from, e.g. by a message of a queue. */
export interface LinkedTrace {
  readonly id: string;
  /** `to`: a segment of the asked trace names it; `from`: it names the asked trace. */
  readonly direction: 'to' | 'from';
  /** Summary of the trace; absent when it is not in the store. */
  readonly trace?:
    | {
        readonly name: string;
        readonly what: string;
        /** Epoch seconds. */
        readonly start: number;
        /** Seconds; absent while in progress. */
        readonly responseTime: number | undefined;
        readonly status: StatusName;
      }
    | undefined;
}

/** Only the first links of a trace are returned. */
const MAX_LINKED = 50;

/** Returns the traces that this one links to, and those that link to it. */
export function linkedTraces(store: Store, stored: StoredTrace): readonly LinkedTrace[] {
  const trace = assemble(stored.id, stored.documents);
  const to = new Set<string>();
  for (const top of [...trace.segments, ...trace.orphans]) {
    for (const { record } of withDescendants(top)) {
      for (const id of linkedIds(record['links'])) to.add(id);
    }
  }
  const from = store.linkedFrom(stored.id, MAX_LINKED);
  return [
    ...[...to].slice(0, MAX_LINKED).map((id) => linked(store, id, 'to')),
    ...from.map((id) => linked(store, id, 'from')),
  ].filter(({ id }) => id !== stored.id);
}

function linked(store: Store, id: string, direction: LinkedTrace['direction']): LinkedTrace {
  const stored = store.trace(id);
  if (stored === undefined) return { id, direction };
  const trace = assemble(id, stored.documents);
  const root = trace.root ?? trace.orphans[0];
  if (root === undefined) return { id, direction };
  return {
    id,
    direction,
    trace: {
      name: root.name,
      what: summaryParts(root)[0] ?? '',
      start: trace.start,
      responseTime: lengthOf(root),
      status: statusName(flagsOf(root.record), isOpen(root)),
    },
  };
}
