import { asObject, asText } from '../json.ts';
import type { Call } from '../trace/calls.ts';
import {
  type Entity,
  flagsOf,
  httpRequestText,
  isOk,
  lengthOf,
  statusOf,
  toMicros,
  withDescendants,
} from '../trace/entity.ts';
import { nodeOf } from '../trace/node.ts';
import type { CauseEntity, CauseException, CauseService } from '../trace/root-causes.ts';
import type { Positioned, TraceIndex } from './trace-index.ts';

/**
 * A keyword: its type, and its values in a subject. A field without value has none; a test holds
 * if any value satisfies it.
 */
export interface Field<Subject> {
  readonly type: 'boolean' | 'number' | 'string';
  readonly values: (subject: Subject) => readonly unknown[];
}

export type Fields<Subject> = Readonly<Record<string, Field<Subject>>>;

/** A segment that a service block tests, and its trace. */
export interface SegmentInTrace {
  readonly segment: Entity;
  readonly traceIndex: TraceIndex;
}

function boolean<S>(value: (subject: S) => boolean | undefined): Field<S> {
  return { type: 'boolean', values: (subject) => present(value(subject)) };
}
function number<S>(value: (subject: S) => number | undefined): Field<S> {
  return { type: 'number', values: (subject) => present(value(subject)) };
}
function string<S>(value: (subject: S) => string | undefined): Field<S> {
  return { type: 'string', values: (subject) => present(value(subject)) };
}
function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}

/** Returns the keywords about one entity; `entity` returns it from the subject of the scope. */
function entityFields<S>(entity: (subject: S) => Entity | undefined): Fields<S> {
  const of =
    <T>(value: (entity: Entity) => T) =>
    (subject: S): T | undefined => {
      const found = entity(subject);
      return found && value(found);
    };
  return {
    ok: boolean(of(({ record }) => isOk(flagsOf(record)))),
    error: boolean(of(({ record }) => flagsOf(record).error)),
    fault: boolean(of(({ record }) => flagsOf(record).fault)),
    throttle: boolean(of(({ record }) => flagsOf(record).throttle)),
    responsetime: number(of(lengthOf)),
    duration: number(of(lengthOf)),
    'http.status': number(of(({ record }) => statusOf(record))),
    'http.url': string(of(({ record }) => httpRequestText(record, 'url'))),
    'http.method': string(of(({ record }) => httpRequestText(record, 'method'))),
  };
}

function requestFields<S>(entity: (subject: S) => Entity | undefined): Fields<S> {
  const text = (key: string) => (subject: S) => {
    const found = entity(subject);
    return found && httpRequestText(found.record, key);
  };
  return {
    'http.useragent': string(text('user_agent')),
    'http.clientip': string(text('client_ip')),
  };
}

/** Text fields of a segment, and where they stand in its document. */
export const SEGMENT_TEXTS: Readonly<Record<string, (segment: Entity) => readonly string[]>> = {
  user: ({ record }) => texts(record['user']),
  availabilityzone: ({ record }) => texts(ec2(record['aws'])?.['availability_zone']),
  'instance.id': ({ record }) => texts(ec2(record['aws'])?.['instance_id']),
  'resource.arn': ({ record }) => [
    ...texts(record['resource_arn']),
    ...texts(asObject(asObject(record['aws'])?.['ecs'])?.['container_arn']),
  ],
};

function ec2(aws: unknown): Readonly<Record<string, unknown>> | undefined {
  return asObject(asObject(aws)?.['ec2']);
}

function texts(value: unknown): readonly string[] {
  const text = asText(value);
  return text === undefined ? [] : [text];
}

function segmentTextFields<S>(segments: (subject: S) => readonly Entity[]): Fields<S> {
  return Object.fromEntries(
    Object.entries(SEGMENT_TEXTS).map(([key, read]) => [
      key,
      { type: 'string', values: (subject: S) => segments(subject).flatMap(read) },
    ]),
  );
}

function isPartial(segment: Entity): boolean {
  for (const entity of withDescendants(segment)) if (entity.end === undefined) return true;
  return false;
}

/** Flags and HTTP data of a trace are those of its root segment. */
const root = ({ trace }: TraceIndex): Entity | undefined => trace.root;

export const TRACE_FIELDS: Fields<TraceIndex> = {
  ...entityFields(root),
  ...requestFields(root),
  ...segmentTextFields(({ segments }) => segments),
  throttle: boolean(({ segments }) => segments.some(({ record }) => flagsOf(record).throttle)),
  partial: boolean(({ trace }) => trace.partial),
  inferred: boolean(({ trace }) => trace.inferred.length > 0),
  duration: number(({ trace }) => toMicros(trace.end - trace.start)),
};

const segmentOf = ({ segment }: SegmentInTrace): Entity => segment;

export const SERVICE_FIELDS: Fields<SegmentInTrace> = {
  ...entityFields(segmentOf),
  ...requestFields(segmentOf),
  ...segmentTextFields((subject: SegmentInTrace) => [segmentOf(subject)]),
  partial: boolean(({ segment }) => isPartial(segment)),
  inferred: boolean(({ segment }) => segment.kind === 'inferred'),
  root: boolean(({ segment, traceIndex }) => traceIndex.trace.root === segment),
  name: string(({ segment }) => nodeOf(segment).name),
  type: string(({ segment }) => nodeOf(segment).type),
};

export const EDGE_FIELDS: Fields<Call> = {
  ...entityFields(({ values }: Call) => values),
  partial: boolean(({ values }) => values.end === undefined),
};

function placeFields<T>(): Fields<Positioned<T>> {
  return {
    first: boolean(({ first }) => first),
    last: boolean(({ last }) => last),
    index: number(({ index }) => index),
  };
}

export const CAUSE_SERVICE_FIELDS: Fields<Positioned<CauseService>> = {
  ...placeFields(),
  name: string(({ item }) => item.node.name),
  type: string(({ item }) => item.node.type),
  inferred: boolean(({ item }) => item.inferred),
};

export const CAUSE_ENTITY_FIELDS: Fields<Positioned<CauseEntity>> = {
  ...placeFields(),
  name: string(({ item }) => item.name),
  remote: boolean(({ item }) => item.remote),
};

export const CAUSE_COVERED_FIELDS: Fields<Positioned<CauseEntity>> = {
  ...CAUSE_ENTITY_FIELDS,
  coverage: number(({ item }) => item.coverage),
};

export const CAUSE_EXCEPTION_FIELDS: Fields<Positioned<CauseException>> = {
  ...placeFields(),
  name: string(({ item }) => item.name),
  message: string(({ item }) => item.message),
};
