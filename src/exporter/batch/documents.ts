import type { Envelope } from '../../translator/context/envelope.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { PartialDocument } from '../../translator/partial-document.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import { bytesOf } from '../encode/fields.ts';
import { FRAME_HEADER } from '../encode/frame.ts';
import { type Fragment, writeFragment, writeRootFields } from '../encode/write-document.ts';
import { writePartialDocument, writeTimes } from '../encode/write-partial.ts';
import { type Template, writeFilled } from '../template-cache/template.ts';
import { type DocumentNode, NO_CHILDREN } from './nest.ts';

/** A document whose bytes are written, and its place among the others. */
export interface WrittenNode extends DocumentNode, Fragment {
  children: WrittenNode[];
}

const HEADER = bytesOf(FRAME_HEADER);
const OPEN_LIST = bytesOf(',"subsegments":[');
const QUOTE = 34;
const COMMA = 44;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/** Writes a document into the out and says where. */
export function writeNode(out: ByteWriter, document: SegmentDocument): WrittenNode {
  return nodeOf(rootFieldsOf(document), writeFragment(out, document));
}

/** The same for a document that our own translator made. */
export function writePartialNode(out: ByteWriter, draft: PartialDocument): WrittenNode {
  return nodeOf(rootFieldsOf(draft.document), writePartialDocument(out, draft));
}

/** The same for a span whose values were filled into a template. */
export function writeTemplateNode(
  out: ByteWriter,
  template: Template,
  { id, traceId, startMicros, endMicros }: Envelope,
  parentId: string | undefined,
): WrittenNode {
  const start = out.length;
  out.writeBytes(template.head);
  out.writeAscii(id);
  out.writeByte(QUOTE);
  const middle = out.length;
  writeTimes(out, startMicros, endMicros);
  writeFilled(out, template);
  const { subsegment } = template;
  const place = { id, traceId, parentId, subsegment, finished: true };
  return nodeOf(place, { start, middle, end: out.length });
}

type RootFields = Pick<WrittenNode, 'id' | 'traceId' | 'parentId' | 'subsegment' | 'finished'>;

function rootFieldsOf(document: SegmentDocument): RootFields {
  return {
    id: document.id,
    traceId: document.trace_id,
    parentId: document.parent_id,
    subsegment: document.type === 'subsegment',
    finished: document.in_progress !== true,
  };
}

function nodeOf(
  { id, traceId, parentId, subsegment, finished }: RootFields,
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
export function writeDatagram(target: ByteWriter, source: ByteWriter, root: WrittenNode): number {
  const { start, middle, end, children } = root;
  target.writeBytes(HEADER);
  target.copyFrom(source, start, middle);
  writeRootFields(target, root.traceId, root.parentId, root.subsegment);
  target.copyFrom(source, middle, end);
  return 1 + writeChildren(target, source, children);
}

/** Writes the children of a document and its closing brace. */
function writeChildren(
  target: ByteWriter,
  source: ByteWriter,
  children: readonly WrittenNode[],
): number {
  let documents = children.length;
  if (documents > 0) {
    target.writeBytes(OPEN_LIST);
    let first = true;
    for (const child of children) {
      if (!first) target.writeByte(COMMA);
      first = false;
      target.copyFrom(source, child.start, child.end);
      documents += writeChildren(target, source, child.children);
    }
    target.writeByte(CLOSE_LIST);
  }
  target.writeByte(CLOSE_OBJECT);
  return documents;
}
