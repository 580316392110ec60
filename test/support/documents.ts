import type { SegmentDocument } from '../../src/translator/document.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';

/** A minimal translator for tests of the exporter: envelope, and attributes as annotations. */
export function plainDocuments(span: TranslatableSpan): readonly SegmentDocument[] {
  const { traceId, spanId } = span.spanContext();
  const parent = span.parentSpanContext?.spanId;
  const local = parent !== undefined && span.parentSpanContext?.isRemote !== true;
  const seconds = ([whole, nanos]: readonly [number, number]) => whole + nanos / 1e9;
  return [
    {
      name: span.name,
      id: spanId,
      trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`,
      parent_id: parent,
      type: local && span.kind !== 1 ? 'subsegment' : undefined,
      start_time: seconds(span.startTime),
      end_time: seconds(span.endTime),
      metadata: { default: { ...span.attributes } },
    },
  ];
}
