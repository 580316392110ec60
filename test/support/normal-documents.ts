import type { SegmentDocument } from '../../src/translator/document.ts';

/** What differs from run to run, or from Node to Node, and says nothing of what is traced. */
const PLACE = /^otel\.resource\.(?:process|host|telemetry)\.|^process\.|^host\./;

/**
 * Documents without ids, times, ports, versions and places, in the order in which they started:
 * equal for equal traces.
 */
export function normalDocuments(documents: readonly SegmentDocument[]): readonly object[] {
  const byId = new Map(documents.map((document) => [document.id, document]));
  const sorted = [...documents].sort(
    (a, b) => a.start_time - b.start_time || depth(a, byId) - depth(b, byId),
  );
  return sorted.map((document) => {
    const { id, trace_id, parent_id, start_time, end_time, service, aws, metadata, ...rest } =
      document;
    return scrub({
      ...rest,
      parent: parent_id === undefined ? undefined : byId.get(parent_id)?.name,
      sdk: aws?.xray?.sdk,
      metadata: withoutPlaces(metadata),
    }) as object;
  });
}

function depth(document: SegmentDocument, byId: ReadonlyMap<string, SegmentDocument>): number {
  const parent = byId.get(document.parent_id ?? '');
  return parent === undefined ? 0 : 1 + depth(parent, byId);
}

function withoutPlaces(metadata: SegmentDocument['metadata']): object | undefined {
  const values = Object.entries((metadata?.['default'] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(values.filter(([name]) => !PLACE.test(name)).sort());
}

/** Ports and file paths are different in every run. */
function scrub(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .replace(/("[^"]*\.port":)\d+/g, '$1"PORT"');
  return JSON.parse(text);
}
