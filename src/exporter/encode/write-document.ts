import type { SegmentDocument } from '../../translator/document.ts';
import type { ByteWriter } from './byte-writer.ts';
import { bytesOf, keys, writeTextField } from './fields.ts';
import { writeJson, writeString } from './json.ts';

/** Where the two parts of a document's own JSON lie in a out. */
export interface Fragment {
  /** `{"name":…,"id":…` */
  readonly start: number;
  /** Here {@link writeRootFields} belongs when the document is the outermost. */
  readonly middle: number;
  /** After the last field; the closing brace is not written. */
  readonly end: number;
}

/** What a document says of its place, or what its place says of it. */
const ROOT_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'id',
  'trace_id',
  'parent_id',
  'type',
  'subsegments',
]);

const NAME = bytesOf('{"name":');
const KEY = keys('id', 'trace_id', 'parent_id');
const SUBSEGMENT = bytesOf(',"type":"subsegment"');

/**
 * Writes what a document says of itself: all but its place among others and its children.
 *
 * @throws {TypeError} when it holds something that has no JSON
 */
export function writeFragment(out: ByteWriter, document: SegmentDocument): Fragment {
  const start = out.length;
  out.writeBytes(NAME);
  writeString(out, document.name);
  writeTextField(out, KEY.id, document.id);
  const middle = out.length;
  for (const key in document) {
    const value = document[key as keyof SegmentDocument];
    if (value === undefined || ROOT_FIELDS.has(key) || !Object.hasOwn(document, key)) continue;
    out.writeByte(44);
    writeString(out, key);
    out.writeByte(58);
    writeJson(out, value);
  }
  return { start, middle, end: out.length };
}

/** What only the outermost document says; `subsegment` when it has a parent it is not inside of. */
export function writeRootFields(
  out: ByteWriter,
  traceId: string | undefined,
  parentId: string | undefined,
  subsegment: boolean,
): void {
  writeTextField(out, KEY.trace_id, traceId);
  writeTextField(out, KEY.parent_id, parentId);
  if (subsegment) out.writeBytes(SUBSEGMENT);
}
