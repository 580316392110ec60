import type { SegmentDocument } from '../translator/document.ts';
import { FRAME_HEADER } from './frame.ts';
import { leaf, type Node } from './nest.ts';
import { type ByteSink, type Fragment, writeFragment } from './write.ts';

/** A document whose bytes are written, and its place among the others. */
export interface WrittenNode extends Node, Fragment {}

/** Writes a document into the sink and says where. */
export function writtenNode(sink: ByteSink, document: SegmentDocument): WrittenNode {
  const fragment = writeFragment(sink, document);
  return Object.assign(
    leaf({
      id: document.id,
      traceId: document.trace_id,
      parentId: document.parent_id,
      subsegment: document.type === 'subsegment',
      finished: document.in_progress !== true,
      bytes: fragment.end - fragment.start + 1,
    }),
    fragment,
  );
}

/**
 * Puts a tree of written documents together as one datagram, the frame's header in front.
 *
 * @returns how many documents it holds
 */
export function writeDatagram(target: ByteSink, source: ByteSink, root: Node): number {
  const { start, middle, end, traceId, parentId, subsegment, children } = root as WrittenNode;
  target.text(FRAME_HEADER);
  target.copy(source, start, middle);
  let place = '';
  if (traceId !== undefined) place += `,"trace_id":"${traceId}"`;
  if (parentId !== undefined) place += `,"parent_id":"${parentId}"`;
  if (subsegment) place += ',"type":"subsegment"';
  target.text(place);
  target.copy(source, middle, end);
  return 1 + writeChildren(target, source, children);
}

function writeChildren(target: ByteSink, source: ByteSink, children: readonly Node[]): number {
  let documents = children.length;
  if (documents > 0) {
    target.text(',"subsegments":[');
    for (const [index, child] of children.entries()) {
      if (index > 0) target.text(',');
      target.copy(source, (child as WrittenNode).start, (child as WrittenNode).end);
      documents += writeChildren(target, source, child.children);
    }
    target.text(']');
  }
  target.text('}');
  return documents;
}
