import type { ByteWriter } from './byte-writer.ts';
import { bytesOf, keyBytes } from './fields.ts';
import { writeString } from './json.ts';

/**
 * A document whose own fields are bytes in a writer, without its children and its closing brace.
 *
 * The fields that depend on whether it is sent alone or inside its parent are not written yet:
 * {@link writeRootFields} writes them at `middle`.
 */
export interface WrittenDocument {
  readonly id: string;
  readonly traceId: string | undefined;
  readonly parentId: string | undefined;
  /** `type: 'subsegment'`; a segment never goes inside another document. */
  readonly subsegment: boolean;
  /** Not `in_progress`. */
  readonly finished: boolean;
  /** Offset of `{"name":…,"id":…`. */
  readonly start: number;
  readonly middle: number;
  /** Offset after the last field. */
  readonly end: number;
}

const TRACE_ID = keyBytes('trace_id');
const PARENT_ID = keyBytes('parent_id');
const SUBSEGMENT = bytesOf(',"type":"subsegment"');

/** Writes the fields that only the outermost document has. */
export function writeRootFields(
  out: ByteWriter,
  { traceId, parentId, subsegment }: WrittenDocument,
): void {
  if (traceId !== undefined) {
    out.writeBytes(TRACE_ID);
    writeString(out, traceId);
  }
  if (parentId !== undefined) {
    out.writeBytes(PARENT_ID);
    writeString(out, parentId);
  }
  if (subsegment) out.writeBytes(SUBSEGMENT);
}
