import { asObject, type JsonObject, own } from '../json.ts';
import type { Trace } from '../trace/assemble.ts';
import { type Call, callsOf } from '../trace/calls.ts';
import { keptAnnotations } from '../trace/compile.ts';
import { type Entity, withDescendants } from '../trace/entity.ts';
import {
  type CauseEntity,
  type CauseException,
  type CauseService,
  type RootCause,
  type RootCauseKind,
  rootCauses,
} from '../trace/root-causes.ts';

/** Data of a trace that filter expressions read repeatedly, computed once. */
export interface TraceIndex {
  readonly trace: Trace;
  /** Received and inferred. */
  readonly segments: readonly Entity[];
  calls(): readonly Call[];
  causes(kind: RootCauseKind): readonly RootCause[];
}

export function indexTrace(trace: Trace): TraceIndex {
  let calls: readonly Call[] | undefined;
  const causes: Partial<Record<RootCauseKind, readonly RootCause[]>> = {};
  return {
    trace,
    segments: [...trace.segments, ...trace.inferred],
    calls: () => {
      calls ??= callsOf(trace);
      return calls;
    },
    causes: (kind) => {
      causes[kind] ??= rootCauses(trace, kind);
      return causes[kind];
    },
  };
}

/** A list element with its position, for the keywords `first`, `last` and `index`. */
export interface Positioned<T> {
  readonly item: T;
  readonly index: number;
  readonly first: boolean;
  readonly last: boolean;
}

function placed<T>(list: readonly T[]): readonly Positioned<T>[] {
  return list.map((item, index) => ({
    item,
    index,
    first: index === 0,
    last: index === list.length - 1,
  }));
}

export function causeServices(causes: readonly RootCause[]): readonly Positioned<CauseService>[] {
  return causes.flatMap(({ services }) => placed(services));
}

export function causeEntities(causes: readonly RootCause[]): readonly Positioned<CauseEntity>[] {
  return causes.flatMap(({ services }) => services.flatMap(({ entities }) => placed(entities)));
}

export function causeExceptions(
  causes: readonly RootCause[],
): readonly Positioned<CauseException>[] {
  return causes.flatMap(({ services }) =>
    services.flatMap(({ entities }) => entities.flatMap(({ exceptions }) => placed(exceptions))),
  );
}

/** Returns the values of an annotation in an entity and all embedded under it. */
export function annotationValues(top: Entity, key: string): readonly unknown[] {
  const values: unknown[] = [];
  for (const { record } of withDescendants(top)) {
    const annotations: JsonObject | undefined = asObject(record['annotations']);
    const value = own(annotations, key);
    if (value !== undefined && keptAnnotations({ [key]: value })) values.push(value);
  }
  return values;
}

export function traceAnnotationValues(trace: Trace, key: string): readonly unknown[] {
  return [...trace.segments, ...trace.orphans].flatMap((top) => annotationValues(top, key));
}
