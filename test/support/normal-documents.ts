import type { SegmentDocument } from '../../src/translator/document.ts';

/** What differs from run to run, or from Node to Node, and says nothing of what is traced. */
const PLACE = /^otel\.resource\.(?:process|host|telemetry)\.|^process\.|^host\./;
/** New in every run, at any depth. */
const FRESH = ['id', 'trace_id', 'messaging.message.id', 'working_directory', 'stack'];
/** Of the `aws` block: request ids are new in every run; `xray` names versions. */
const FRESH_AWS = ['xray', 'request_id', 'id_2'];

/**
 * Documents without ids, times, ports, versions and places, each followed by its children; siblings
 * in the order of their text, as calls that overlap have no order: equal for equal traces.
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

/** An object without some of its names, in the order of its names. */
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
