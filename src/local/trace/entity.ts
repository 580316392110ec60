import { isErrorStatus, isFaultStatus, isThrottleStatus } from '../../http-status.ts';
import { asNumber, asObject, asText, type JsonObject } from '../json.ts';

/**
 * A segment or subsegment of an assembled trace.
 *
 * `inferred`: a segment derived from a call to a service that sends none.
 * `orphan`: an independent subsegment without its parent.
 */
export interface Entity {
  readonly kind: 'segment' | 'inferred' | 'orphan' | 'subsegment';
  readonly id: string;
  readonly name: string;
  /** Epoch seconds. */
  readonly start: number;
  /** Epoch seconds; absent while in progress. */
  readonly end: number | undefined;
  /** The document as it was sent; its `subsegments` are not those of {@link Entity.children}. */
  readonly record: JsonObject;
  /** By start time. */
  readonly children: readonly Entity[];
  /** The entity this one is embedded in; absent at the top of a document tree. */
  readonly parent: Entity | undefined;
  /** For segments: the subsegment (or segment) of the caller. */
  readonly caller: Entity | undefined;
  /** Segments that name this one as their caller, by start time. */
  readonly downstream: readonly Entity[];
}

export interface Flags {
  readonly error: boolean;
  readonly fault: boolean;
  readonly throttle: boolean;
}

/** Returns `http.response.status`, when it is a number. */
export function statusOf(record: JsonObject): number | undefined {
  return asNumber(asObject(asObject(record['http'])?.['response'])?.['status']);
}

/** Returns X-Ray's three flags, from the document or from its HTTP status. Several can be set. */
export function flagsOf(record: JsonObject): Flags {
  const status = statusOf(record) ?? 0;
  return {
    error: record['error'] === true || isErrorStatus(status),
    throttle: record['throttle'] === true || isThrottleStatus(status),
    fault: record['fault'] === true || isFaultStatus(status),
  };
}

export function isOk({ error, fault, throttle }: Flags): boolean {
  return !error && !fault && !throttle;
}

/** Returns seconds with the microseconds that documents carry, free of the noise of subtraction. */
export function toMicros(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** Returns the seconds from start to end; `undefined` while in progress. */
export function lengthOf(entity: Entity): number | undefined {
  return entity.end === undefined ? undefined : toMicros(entity.end - entity.start);
}

export function isOpen(entity: Entity): boolean {
  return entity.end === undefined;
}

/** Returns whether the record is an independent subsegment. */
export function isSubsegmentRecord(record: JsonObject): boolean {
  return record['type'] === 'subsegment';
}

/**
 * Returns whether a subsegment is a call to another service: the only ones X-Ray infers a node
 * from.
 */
export function isCall(record: JsonObject): boolean {
  return record['namespace'] === 'aws' || record['namespace'] === 'remote';
}

export function httpRequestText(record: JsonObject, key: string): string | undefined {
  return asText(asObject(asObject(record['http'])?.['request'])?.[key]);
}

/** Yields the entity and all embedded under it, parents first. */
export function* withDescendants(top: Entity): Generator<Entity> {
  const open: Entity[] = [top];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    for (let i = next.children.length - 1; i >= 0; i--) open.push(next.children[i] as Entity);
  }
}

/** Returns the segment, inferred segment or orphan that the entity belongs to. */
export function topOf(entity: Entity): Entity {
  let top = entity;
  while (top.parent !== undefined) top = top.parent;
  return top;
}
