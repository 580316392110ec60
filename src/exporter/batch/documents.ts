import type { Envelope } from '../../translator/context/envelope.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { Draft } from '../../translator/partial-document.ts';
import type { ByteSink } from '../encode/byte-writer.ts';
import { bytesOf } from '../encode/fields.ts';
import { FRAME_HEADER } from '../encode/frame.ts';
import { type Fragment, writeFragment, writePlace } from '../encode/write-document.ts';
import { writeDraft, writeMoments } from '../encode/write-partial.ts';
import { type Template, writeFilled } from '../template-cache/template.ts';
import { NO_CHILDREN, type Node } from './nest.ts';

/** A document whose bytes are written, and its place among the others. */
export interface WrittenNode extends Node, Fragment {
  children: WrittenNode[];
}

const HEADER = bytesOf(FRAME_HEADER);
const OPEN_LIST = bytesOf(',"subsegments":[');
const QUOTE = 34;
const COMMA = 44;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/** Writes a document into the sink and says where. */
export function writtenNode(sink: ByteSink, document: SegmentDocument): WrittenNode {
  return nodeOf(placeOf(document), writeFragment(sink, document));
}

/** The same for a document that our own translator made. */
export function writtenDraft(sink: ByteSink, draft: Draft): WrittenNode {
  return nodeOf(placeOf(draft.document), writeDraft(sink, draft));
}

/** The same for a span whose values were filled into a template. */
export function writtenTemplate(
  sink: ByteSink,
  template: Template,
  { id, traceId, startMicros, endMicros }: Envelope,
  parentId: string | undefined,
): WrittenNode {
  const start = sink.length;
  sink.constant(template.head);
  sink.ascii(id);
  sink.byte(QUOTE);
  const middle = sink.length;
  writeMoments(sink, startMicros, endMicros);
  writeFilled(sink, template);
  const { subsegment } = template;
  const place = { id, traceId, parentId, subsegment, finished: true };
  return nodeOf(place, { start, middle, end: sink.length });
}

type Place = Pick<WrittenNode, 'id' | 'traceId' | 'parentId' | 'subsegment' | 'finished'>;

function placeOf(document: SegmentDocument): Place {
  return {
    id: document.id,
    traceId: document.trace_id,
    parentId: document.parent_id,
    subsegment: document.type === 'subsegment',
    finished: document.in_progress !== true,
  };
}

function nodeOf(
  { id, traceId, parentId, subsegment, finished }: Place,
  { start, middle, end }: Fragment,
): WrittenNode {
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
 * Puts a tree of written documents together as one datagram, the frame's header in front.
 *
 * @returns how many documents it holds
 */
export function writeDatagram(target: ByteSink, source: ByteSink, root: WrittenNode): number {
  const { start, middle, end, children } = root;
  target.constant(HEADER);
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
    target.constant(OPEN_LIST);
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
