import type { SegmentDocument } from '../../translator/document.ts';
import { asObject, type JsonObject } from '../json.ts';
import type { Trace } from './assemble.ts';
import type { Entity } from './entity.ts';

const ANNOTATION_KEY = /^[A-Za-z0-9_.]+$/;

/**
 * Returns the document of a segment as X-Ray returns it: with all its subsegments, however they were
 * received, and without what violates the document format.
 *
 * @see docs/spec/xray-api.md section 5.5
 */
function compiledDocument(top: Entity, traceId: string): SegmentDocument {
  const { type: _type, ...rest } = compiled(top) as Record<string, unknown>;
  return {
    ...rest,
    trace_id: traceId,
    ...(top.kind === 'orphan' ? { type: 'subsegment' } : {}),
  } as unknown as SegmentDocument;
}

/** Returns every document of a trace: segments, orphans, and what was inferred where asked for. */
export function compiledDocuments(
  trace: Trace,
  { inferred }: { readonly inferred: boolean },
): readonly SegmentDocument[] {
  const tops = [...trace.segments, ...trace.orphans, ...(inferred ? trace.inferred : [])];
  return tops.map((top) => compiledDocument(top, trace.id));
}

/** Fields that follow from the position of a nested subsegment. */
const SAID_BY_PLACE = new Set(['trace_id', 'parent_id', 'type']);

function compiled(entity: Entity): JsonObject {
  const { subsegments: _, annotations, ...rest } = entity.record;
  const kept = keptAnnotations(asObject(annotations));
  const record =
    entity.kind === 'subsegment'
      ? Object.fromEntries(Object.entries(rest).filter(([key]) => !SAID_BY_PLACE.has(key)))
      : rest;
  return {
    ...record,
    ...(kept === undefined ? {} : { annotations: kept }),
    ...(entity.children.length === 0 ? {} : { subsegments: entity.children.map(compiled) }),
  };
}

/** Returns the annotations that X-Ray accepts: valid key, primitive value. */
export function keptAnnotations(
  annotations: JsonObject | undefined,
): Record<string, string | number | boolean> | undefined {
  if (annotations === undefined) return undefined;
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(annotations)) {
    const plain =
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      (typeof value === 'number' && Number.isFinite(value));
    if (plain && ANNOTATION_KEY.test(key)) kept[key] = value;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
