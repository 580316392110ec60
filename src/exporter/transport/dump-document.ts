import { warnOnce } from '../../diagnostics.ts';
import { FRAME_HEADER_BYTES } from '../encode/frame.ts';

/** Passes the document of a datagram to `dump` as one line. Logs one warning if `dump` throws. */
export function dumpDocument(dump: (line: string) => void, bytes: Buffer): void {
  try {
    dump(bytes.toString('utf8', FRAME_HEADER_BYTES));
  } catch (error) {
    warnOnce(`cannot dump documents: ${(error as Error).message}`);
  }
}
