import type { TranslatableSpan } from '../../translator/span.ts';
import type { ByteWriter } from '../encode/byte-writer.ts';
import { CLOSE_LIST, CLOSE_OBJECT, COMMA, HEADER, OPEN_LIST } from './documents.ts';
import { OUTER_BYTES } from './nest.ts';

/** Writes the documents of known spans without translating them. */
export interface InPlaceWriter {
  /**
   * Writes the document of a span, without its closing brace, where it is sent.
   *
   * @param outer id of the document that contains this one; `undefined` for the outermost one
   * @returns the id of the document, or `undefined`, and nothing is written, if it is not known or does not belong there
   */
  tryWriteInside(
    out: ByteWriter,
    span: TranslatableSpan,
    outer: string | undefined,
  ): string | undefined;
}

/** Requests with more spans are written in several steps. */
export const MAX_SPANS = 16;

const NO_PARENT = -1;

/** The index of the parent of each span, which is used again for the next request. */
const parents: number[] = [];

/**
 * Writes the spans of a request as one datagram, the outermost document first, so that no document is
 * written elsewhere and copied. The bytes are those that {@link writeDatagram} would write.
 *
 * @param spans one to {@link MAX_SPANS} spans in the order of their end
 * @param maxBytes maximum size of the outermost document
 * @returns `false`, and writes nothing, if the spans are not one tree, if one of them is not known, and if
 *   the document might be too large
 */
export function tryWriteRequest(
  out: ByteWriter,
  known: InPlaceWriter,
  spans: readonly TranslatableSpan[],
  maxBytes: number,
): boolean {
  const root = findParents(spans);
  if (root === NO_PARENT) return false;
  const start = out.length;
  out.writeBytes(HEADER);
  const maxLength = out.length + maxBytes - OUTER_BYTES;
  const written = writeTree({ out, known, spans, maxLength }, root, undefined);
  if (written === spans.length && out.length <= maxLength) return true;
  out.length = start;
  return false;
}

/** Finds the parent of each span. Returns the index of the only span without one, or `NO_PARENT`. */
function findParents(spans: readonly TranslatableSpan[]): number {
  let root = NO_PARENT;
  let parent = NO_PARENT;
  for (let index = 0; index < spans.length; index += 1) {
    parent = parentOf(spans[index] as TranslatableSpan, spans, parent);
    parents[index] = parent;
    if (parent !== NO_PARENT) continue;
    if (root !== NO_PARENT) return NO_PARENT;
    root = index;
  }
  return root;
}

/** @param guess index of the previous span's parent, because siblings are usually adjacent */
function parentOf(
  span: TranslatableSpan,
  spans: readonly TranslatableSpan[],
  guess: number,
): number {
  const spanId = span.parentSpanContext?.spanId ?? span.parentSpanId;
  if (spanId === undefined) return NO_PARENT;
  const { traceId } = span.spanContext();
  if (guess !== NO_PARENT && isSpan(spans[guess] as TranslatableSpan, traceId, spanId))
    return guess;
  let index = spans.length - 1;
  while (index >= 0 && !isSpan(spans[index] as TranslatableSpan, traceId, spanId)) index -= 1;
  return index;
}

function isSpan(span: TranslatableSpan, traceId: string, spanId: string): boolean {
  const context = span.spanContext();
  return context.spanId === spanId && context.traceId === traceId;
}

/** A request that is being written. */
interface Request {
  readonly out: ByteWriter;
  readonly known: InPlaceWriter;
  readonly spans: readonly TranslatableSpan[];
  /** Length of `out` beyond which the request is too large. */
  readonly maxLength: number;
}

/** Writes a span and those below it. Returns their number, or 0 if they cannot be written. */
function writeTree(request: Request, index: number, outer: string | undefined): number {
  const { out, known, spans, maxLength } = request;
  const id = known.tryWriteInside(out, spans[index] as TranslatableSpan, outer);
  if (id === undefined || out.length > maxLength) return 0;
  let written = 1;
  for (let child = 0; child < spans.length; child += 1) {
    if (parents[child] !== index) continue;
    if (written === 1) out.writeBytes(OPEN_LIST);
    else out.writeByte(COMMA);
    const below = writeTree(request, child, id);
    if (below === 0) return 0;
    written += below;
  }
  if (written > 1) out.writeByte(CLOSE_LIST);
  out.writeByte(CLOSE_OBJECT);
  return written;
}
