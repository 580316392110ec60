import type { SegmentDocument } from '../../translator/document.ts';
import type { ByteSink } from './byte-writer.ts';
import { bytesOf, keys, textField } from './fields.ts';
import { writeJson, writeString } from './json.ts';

/** Where the two parts of a document's own JSON lie in a sink. */
export interface Fragment {
  /** `{"name":…,"id":…` */
  readonly start: number;
  /** Here {@link writePlace} belongs when the document is the outermost. */
  readonly middle: number;
  /** After the last field; the closing brace is not written. */
  readonly end: number;
}

/** What a document says of its place, or what its place says of it. */
const PLACE: ReadonlySet<string> = new Set([
  'name',
  'id',
  'trace_id',
  'parent_id',
  'type',
  'subsegments',
]);

const NAME = bytesOf('{"name":');
const K = keys('id', 'trace_id', 'parent_id');
const SUBSEGMENT = bytesOf(',"type":"subsegment"');

/**
 * Writes what a document says of itself: all but its place among others and its children.
 *
 * @throws {TypeError} when it holds something that has no JSON
 */
export function writeFragment(sink: ByteSink, document: SegmentDocument): Fragment {
  const start = sink.length;
  sink.constant(NAME);
  writeString(sink, document.name);
  textField(sink, K.id, document.id);
  const middle = sink.length;
  for (const key in document) {
    const value = document[key as keyof SegmentDocument];
    if (value === undefined || PLACE.has(key) || !Object.hasOwn(document, key)) continue;
    sink.byte(44);
    writeString(sink, key);
    sink.byte(58);
    writeJson(sink, value);
  }
  return { start, middle, end: sink.length };
}

/** What only the outermost document says; `subsegment` when it has a parent it is not inside of. */
export function writePlace(
  sink: ByteSink,
  traceId: string | undefined,
  parentId: string | undefined,
  subsegment: boolean,
): void {
  textField(sink, K.trace_id, traceId);
  textField(sink, K.parent_id, parentId);
  if (subsegment) sink.constant(SUBSEGMENT);
}
