import type { SegmentDocument } from '../../src/translator/document.ts';

/** Keys that differ between runs or Node versions and do not matter for the trace. */
const PLACE = /^otel\.resource\.(?:process|host|telemetry)\.|^process\.|^host\./;
/** Different in each run, at any depth. */
const FRESH = ['id', 'trace_id', 'messaging.message.id', 'working_directory', 'stack'];
/** In the `aws` block: request ids differ in each run, `xray` contains versions. */
const FRESH_AWS = ['xray', 'request_id', 'id_2'];

/**
 * Returns the documents without ids, times, ports, versions and platform, each followed by its
 * children. Siblings are sorted by text, because concurrent calls have no order. Equal traces give
 * equal results.
 */
export function normalDocuments(documents: readonly SegmentDocument[]): readonly object[] {
  const byId = new Map(documents.map((document) => [document.id, document]));
  const below = (parent: SegmentDocument | undefined): readonly object[] =>
    documents
      .filter(({ parent_id: id }) => byId.get(id ?? '') === parent)
      .map((document) => [{ ...normal(document), parent: parent?.name }, ...below(document)])
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b), 'en'))
      .flat();
  return below(undefined);
}

function normal(document: SegmentDocument): object {
  const { id, trace_id, parent_id, start_time, end_time, service, aws, metadata, ...rest } =
    document;
  return scrub({
    ...rest,
    sdk: aws?.xray?.sdk,
    aws: without(aws, (name) => FRESH_AWS.includes(name)),
    metadata: without(metadata?.['default'], (name) => PLACE.test(name)),
  }) as object;
}

/** Returns an object without some keys, sorted by key. */
function without(values: unknown, left: (name: string) => boolean): object | undefined {
  if (typeof values !== 'object' || values === null) return undefined;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => !left(name))
      .sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
}

function scrub(value: unknown): unknown {
  const text = JSON.stringify(value, (name, part: unknown) =>
    FRESH.includes(name) ? undefined : part,
  )
    .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .replace(/("[^"]*\.port":)\d+/g, '$1"PORT"')
    .replace(/("cause":)"[0-9a-f]{16}"/g, '$1"ID"');
  return JSON.parse(text);
}
