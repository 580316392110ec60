import type { ByteWriter } from '../encode/byte-writer.ts';
import { bytesOf } from '../encode/fields.ts';
import { FRAME_HEADER } from '../encode/frame.ts';
import { type WrittenDocument, writeRootFields } from '../encode/written-document.ts';

const HEADER = bytesOf(FRAME_HEADER);
const OPEN_LIST = bytesOf(',"subsegments":[');
const COMMA = 44;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

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

/** Writes the children of a document and its closing brace. */
function writeChildren(
  out: ByteWriter,
  source: ByteWriter,
  children: readonly WrittenDocument[],
): number {
  let documents = children.length;
  if (documents > 0) {
    out.writeBytes(OPEN_LIST);
    let isFirst = true;
    for (const child of children) {
      if (!isFirst) out.writeByte(COMMA);
      isFirst = false;
      out.copyFrom(source, child.start, child.end);
      documents += writeChildren(out, source, child.children);
    }
    out.writeByte(CLOSE_LIST);
  }
  out.writeByte(CLOSE_OBJECT);
  return documents;
}
