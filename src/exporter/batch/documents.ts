import type { ByteWriter } from '../encode/byte-writer.ts';
import { bytesOf } from '../encode/fields.ts';
import { FRAME_HEADER } from '../encode/frame.ts';
import { type WrittenDocument, writeRootFields } from '../encode/written-document.ts';

export const HEADER: Uint8Array = bytesOf(FRAME_HEADER);
export const OPEN_LIST: Uint8Array = bytesOf(',"subsegments":[');
export const COMMA = 44;
export const CLOSE_LIST = 93;
export const CLOSE_OBJECT = 125;

/**
 * Writes a tree of documents as one datagram, with the frame header in front.
 *
 * @param source the writer that contains the bytes of the documents
 * @returns the number of documents in the datagram
 */
export function writeDatagram(out: ByteWriter, source: ByteWriter, root: WrittenDocument): number {
  out.writeBytes(HEADER);
  out.copyFrom(source, root.start, root.middle);
  writeRootFields(out, root);
  out.copyFrom(source, root.middle, root.end);
  return 1 + writeChildren(out, source, root.children);
}

/**
 * Ends a document that has just been written, as if a sibling followed. {@link writeDatagram} then copies
 * siblings without children that were written one after the other together.
 */
export function writeSeparator(out: ByteWriter): void {
  out.writeByte(CLOSE_OBJECT);
  out.writeByte(COMMA);
}

const SEPARATOR_BYTES = 2;

/** Writes the children of a document and its closing brace. */
function writeChildren(
  out: ByteWriter,
  source: ByteWriter,
  children: readonly WrittenDocument[],
): number {
  let documents = children.length;
  if (documents > 0) {
    out.writeBytes(OPEN_LIST);
    for (let index = 0; index < children.length; index += 1) {
      if (index > 0) out.writeByte(COMMA);
      const { start } = children[index] as WrittenDocument;
      while (isFollowed(children, index)) index += 1;
      const last = children[index] as WrittenDocument;
      out.copyFrom(source, start, last.end);
      documents += writeChildren(out, source, last.children);
    }
    out.writeByte(CLOSE_LIST);
  }
  out.writeByte(CLOSE_OBJECT);
  return documents;
}

/** Returns whether a child has no children and only a separator is between it and the next child. */
function isFollowed(siblings: readonly WrittenDocument[], index: number): boolean {
  const { children, end } = siblings[index] as WrittenDocument;
  return children.length === 0 && siblings[index + 1]?.start === end + SEPARATOR_BYTES;
}
