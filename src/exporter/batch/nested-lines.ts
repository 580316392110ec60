import type { SegmentDocument } from '../../translator/document.ts';
import { ByteWriter } from '../encode/byte-writer.ts';
import { FRAME_HEADER_BYTES } from '../encode/frame.ts';
import { writeDocument } from '../encode/write-document.ts';
import { writeDatagram } from './documents.ts';
import { nest } from './nest.ts';
import { truncateDocument } from './truncate.ts';

/**
 * Returns the documents as the exporter sends them: truncated, with finished children nested inside
 * their parents, each as one line of JSON.
 *
 * @param maxBytes maximum size of one line
 */
export function nestedLines(
  documents: readonly SegmentDocument[],
  maxBytes: number,
): readonly string[] {
  const scratch = new ByteWriter(64 * 1024);
  const nodes = documents.map((document) =>
    writeDocument(scratch, truncateDocument(document, maxBytes).document),
  );
  const out = new ByteWriter(64 * 1024);
  return nest(nodes, maxBytes).roots.map((root) => {
    out.length = 0;
    writeDatagram(out, scratch, root);
    return out.bytes.toString('utf8', FRAME_HEADER_BYTES, out.length);
  });
}
