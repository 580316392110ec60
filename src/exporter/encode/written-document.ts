import type { ByteWriter } from './byte-writer.ts';
import { bytesOf, keyBytes } from './fields.ts';
import { writeString } from './json.ts';
import { writeTraceKey } from './trace-key.ts';

/**
 * A document whose own fields are bytes in a writer, without its children and its closing brace.
 *
 * The fields that depend on whether it is sent alone or inside its parent are not written yet:
 * {@link writeRootFields} writes them at `middle`.
 */
export interface WrittenDocument extends Written {
  /** Length inside another document, without children. */
  readonly bytes: number;
  /** Documents nested inside this one. */
  children: WrittenDocument[];
  /** `bytes` of this document and of all documents inside it. */
  total: number;
}

/** What only the outermost document of a datagram contains. */
export interface RootFields {
  /** The key of the trace id: see `trace-key.ts`. */
  readonly traceId: string | undefined;
  readonly parentId: string | undefined;
  /** `type: 'subsegment'`; a segment never goes inside another document. */
  readonly subsegment: boolean;
}

/** What {@link writtenDocument} needs to know. */
export interface Written extends RootFields {
  readonly id: string;
  /** Not `in_progress`. */
  readonly finished: boolean;
  /** Offset of `{"name":…,"id":…`. */
  readonly start: number;
  readonly middle: number;
  /** Offset after the last field. */
  readonly end: number;
}

/** Shared list for all documents without children. Must not be modified. */
export const NO_CHILDREN: never[] = [];

/** Returns a document that has just been written, without children. */
export function writtenDocument(written: Written): WrittenDocument {
  const { id, traceId, parentId, subsegment, finished, start, middle, end } = written;
  const bytes = end - start + 1;
  return {
    id,
    traceId,
    parentId,
    subsegment,
    finished,
    bytes,
    children: NO_CHILDREN,
    total: bytes,
    start,
    middle,
    end,
  };
}

const TRACE_ID = keyBytes('trace_id');
const PARENT_ID = keyBytes('parent_id');
const SUBSEGMENT = bytesOf(',"type":"subsegment"');

/** Writes the fields that only the outermost document has. */
export function writeRootFields(
  out: ByteWriter,
  { traceId, parentId, subsegment }: RootFields,
): void {
  if (traceId !== undefined) {
    out.writeBytes(TRACE_ID);
    writeTraceKey(out, traceId);
  }
  if (parentId !== undefined) {
    out.writeBytes(PARENT_ID);
    writeString(out, parentId);
  }
  if (subsegment) out.writeBytes(SUBSEGMENT);
}
