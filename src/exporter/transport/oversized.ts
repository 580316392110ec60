import { warnOnce } from '../../diagnostics.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import type { BatchWriter } from '../batch/batch-writer.ts';
import { flatten } from '../batch/nest.ts';
import { FRAME_HEADER_BYTES } from '../encode/frame.ts';
import { MAX_DOCUMENT_BYTES, MIN_DOCUMENT_BYTES } from '../limits.ts';

/**
 * Lowers the size limit after `EMSGSIZE` and queues the documents of the datagram again, separately.
 *
 * @returns `false` if the documents cannot be made smaller
 */
export function writeSmaller(batchWriter: BatchWriter, bytes: Buffer): boolean {
  const size = bytes.length - FRAME_HEADER_BYTES;
  if (size <= MIN_DOCUMENT_BYTES || size > MAX_DOCUMENT_BYTES) return false;
  if (size <= batchWriter.maxDocumentBytes) {
    const half = Math.floor(bytes.length / 2) - FRAME_HEADER_BYTES;
    batchWriter.maxDocumentBytes = Math.max(MIN_DOCUMENT_BYTES, half);
    warnOnce(
      `the network rejects datagrams of ${bytes.length} bytes (EMSGSIZE); documents are now split ` +
        `or truncated at ${batchWriter.maxDocumentBytes} bytes`,
    );
  }
  const document = JSON.parse(bytes.toString('utf8', FRAME_HEADER_BYTES)) as SegmentDocument;
  batchWriter.addDocuments(flatten(document));
  return true;
}
