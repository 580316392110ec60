import { type StatusName, statusName } from '../../trace/labels.ts';
import type { TraceSummary } from '../api-types.ts';

/** A line of the trace list. */
export interface Item {
  readonly id: string;
  /** Epoch seconds. */
  readonly start: number;
  readonly status: StatusName;
  readonly method: string;
  readonly url: string;
  /** What the root did, where it was no HTTP request. */
  readonly command: string;
  readonly code: number | undefined;
  readonly responseTime: number | undefined;
  readonly duration: number;
  readonly entry: string;
  /** Other nodes of the trace. */
  readonly others: readonly string[];
  /** Of calls of models; 0 without any. */
  readonly tokens: number;
  readonly revision: number;
}

export function itemOf(summary: TraceSummary): Item {
  const { Id, StartTime, Duration, ResponseTime, Http, EntryPoint, ServiceIds } = summary;
  const flags = {
    fault: summary.HasFault === true,
    error: summary.HasError === true,
    throttle: summary.HasThrottle === true,
  };
  const entry = EntryPoint?.Name ?? '';
  const names = new Set((ServiceIds ?? []).map(({ Name }) => Name ?? ''));
  names.delete(entry);
  names.delete('');
  return {
    id: Id,
    start: StartTime ?? 0,
    status: statusName(flags, summary.IsPartial === true),
    method: Http?.HttpMethod ?? '',
    url: Http?.HttpURL ?? '',
    command: summary.LocalDetails?.Command ?? '',
    code: Http?.HttpStatus,
    responseTime: ResponseTime,
    duration: Duration ?? 0,
    entry,
    others: [...names],
    tokens: summary.LocalDetails?.Tokens ?? 0,
    revision: summary.Revision ?? 0,
  };
}

/** Returns method and path, and the host separately, which most rows share. */
export function requestParts({ method, url, command, entry, id }: Item): {
  readonly what: string;
  readonly host: string;
} {
  const parts = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([/?#].*)?$/is.exec(url);
  const host = parts?.[1] ?? '';
  const path = parts === null ? url : (parts[2] ?? '/');
  const request = [method, path].filter(Boolean).join(' ');
  if (request === '' && command !== '') return { what: command, host: entry };
  return { what: request || entry || id, host };
}

/** Compares two items for sorting: newest first; equal times by id, so that the order is stable. */
export function inOrder(a: Item, b: Item): number {
  return b.start - a.start || (a.id < b.id ? -1 : 1);
}

/**
 * Merges new and changed rows into a sorted list.
 *
 * @param isKnown whether the list has a line with that id
 * @returns the list itself when nothing is new
 */
export function merged(
  items: readonly Item[],
  fresh: readonly Item[],
  isKnown: (id: string) => boolean,
): readonly Item[] {
  // The next page of a long list is appended.
  const last = items.at(-1);
  const isNext = fresh.every((item) => !isKnown(item.id) && (!last || inOrder(last, item) < 0));
  if (isNext) return fresh.length === 0 ? items : [...items, ...fresh];
  const known = new Map(items.map((item) => [item.id, item]));
  const changed = new Map<string, Item>();
  for (const item of fresh) {
    const old = known.get(item.id);
    if (old === undefined || old.revision !== item.revision) changed.set(item.id, item);
  }
  if (changed.size === 0) return items;
  return [...items.filter(({ id }) => !changed.has(id)), ...changed.values()].sort(inOrder);
}
