import type { SegmentDocument } from '../translator/document.ts';

/** Bytes that grow. Those before `length` are written. */
export class ByteSink {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Copies a stretch of another sink's bytes. */
  copy(from: ByteSink, start: number, end: number): void {
    this.reserve(end - start);
    this.length += from.bytes.copy(this.bytes, this.length, start, end);
  }
}

/** Where the two parts of a document's own JSON lie in a sink. */
export interface Fragment {
  /** `{"name":…,"id":…` */
  readonly start: number;
  /** Here `trace_id`, `parent_id` and `type` go when the document is the outermost. */
  readonly middle: number;
  /** After the last field; the closing brace is not written. */
  readonly end: number;
}

/** Writes what a document says of itself: all but its place and its children. */
export function writeFragment(sink: ByteSink, document: SegmentDocument): Fragment {
  const { name, id, trace_id: _, parent_id: _2, type: _3, subsegments: _4, ...rest } = document;
  const start = sink.length;
  sink.text(`{"name":${JSON.stringify(name)},"id":${JSON.stringify(id)}`);
  const middle = sink.length;
  sink.text(`,${JSON.stringify(rest).slice(1, -1)}`);
  return { start, middle, end: sink.length };
}
