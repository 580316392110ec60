import type { SegmentDocument } from '../../translator/document.ts';
import type { PartialDocument } from '../../translator/partial-document.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import { bytesOf } from '../encode/fields.ts';
import { FRAME_HEADER } from '../encode/frame.ts';
import { writeDocument, writePartialDocument } from '../encode/write-document.ts';
import { type WrittenDocument, writeRootFields } from '../encode/written-document.ts';
import { type DocumentNode, NO_CHILDREN } from './nest.ts';

/** A written document and the documents nested inside it. */
export interface WrittenNode extends DocumentNode, WrittenDocument {
  children: WrittenNode[];
}

const HEADER = bytesOf(FRAME_HEADER);
const OPEN_LIST = bytesOf(',"subsegments":[');
const COMMA = 44;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/** Writes a document and returns it as a node without children. */
export function writeNode(out: ByteWriter, document: SegmentDocument): WrittenNode {
  return nodeOf(writeDocument(out, document));
}

/** Writes a partial document and returns it as a node without children. */
export function writePartialNode(out: ByteWriter, partial: PartialDocument): WrittenNode {
  return nodeOf(writePartialDocument(out, partial));
}

/** Returns a written document as a node without children. */
export function nodeOf({
  id,
  traceId,
  parentId,
  subsegment,
  finished,
  start,
  middle,
  end,
}: WrittenDocument): WrittenNode {
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

/**
 * Writes a tree of documents as one datagram, with the frame header in front.
 *
 * @param source the writer that contains the bytes of the documents
 * @returns the number of documents in the datagram
 */
export function writeDatagram(out: ByteWriter, source: ByteWriter, root: WrittenNode): number {
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
  children: readonly WrittenNode[],
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
