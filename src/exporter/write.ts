import type { SegmentDocument } from '../translator/document.ts';
import { writeJson, writeString } from './json.ts';
import { ByteSink } from './sink.ts';

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

const NAME: ByteSink = bytesOf('{"name":');
const ID: ByteSink = bytesOf(',"id":');

/** The bytes of a text that is written often. */
export function bytesOf(text: string): ByteSink {
  const sink = new ByteSink(text.length * 3);
  sink.text(text);
  return sink;
}

/**
 * Writes what a document says of itself: all but its place among others and its children.
 *
 * @throws {TypeError} when it holds something that has no JSON
 */
export function writeFragment(sink: ByteSink, document: SegmentDocument): Fragment {
  const start = sink.length;
  sink.copy(NAME, 0, NAME.length);
  writeString(sink, document.name);
  sink.copy(ID, 0, ID.length);
  writeString(sink, document.id);
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
  if (traceId !== undefined) sink.text(`,"trace_id":${JSON.stringify(traceId)}`);
  if (parentId !== undefined) sink.text(`,"parent_id":${JSON.stringify(parentId)}`);
  if (subsegment) sink.text(',"type":"subsegment"');
}
