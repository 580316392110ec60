import type { SegmentDocument } from '../translator/document.ts';
import { FRAME_HEADER } from './frame.ts';
import { NO_CHILDREN, type Node } from './nest.ts';
import type { ByteSink } from './sink.ts';
import { bytesOf, type Fragment, writeFragment, writePlace } from './write.ts';

/** A document whose bytes are written, and its place among the others. */
export interface WrittenNode extends Node, Fragment {
  children: WrittenNode[];
}

const HEADER: ByteSink = bytesOf(FRAME_HEADER);
const OPEN_LIST: ByteSink = bytesOf(',"subsegments":[');
const COMMA = 44;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/** Writes a document into the sink and says where. */
export function writtenNode(sink: ByteSink, document: SegmentDocument): WrittenNode {
  const { start, middle, end } = writeFragment(sink, document);
  const bytes = end - start + 1;
  return {
    id: document.id,
    traceId: document.trace_id,
    parentId: document.parent_id,
    subsegment: document.type === 'subsegment',
    finished: document.in_progress !== true,
    bytes,
    children: NO_CHILDREN,
    total: bytes,
    start,
    middle,
    end,
  };
}

/**
 * Puts a tree of written documents together as one datagram, the frame's header in front.
 *
 * @returns how many documents it holds
 */
export function writeDatagram(target: ByteSink, source: ByteSink, root: WrittenNode): number {
  const { start, middle, end, children } = root;
  target.copy(HEADER, 0, HEADER.length);
  target.copy(source, start, middle);
  writePlace(target, root.traceId, root.parentId, root.subsegment);
  target.copy(source, middle, end);
  return 1 + writeChildren(target, source, children);
}

/** Writes the children of a document and its closing brace. */
function writeChildren(
  target: ByteSink,
  source: ByteSink,
  children: readonly WrittenNode[],
): number {
  let documents = children.length;
  if (documents > 0) {
    target.copy(OPEN_LIST, 0, OPEN_LIST.length);
    let first = true;
    for (const child of children) {
      if (!first) target.byte(COMMA);
      first = false;
      target.copy(source, child.start, child.end);
      documents += writeChildren(target, source, child.children);
    }
    target.byte(CLOSE_LIST);
  }
  target.byte(CLOSE_OBJECT);
  return documents;
}
