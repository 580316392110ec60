import type { ByteWriter } from './byte-writer.ts';
import { bytesOf } from './fields.ts';
import { isUsualTime, SECONDS_DIGITS, writeFraction } from './json.ts';
import { writeTimes } from './write-document.ts';
import { type RootFields, writeRootFields } from './written-document.ts';

const ID_DIGITS = 16;

/**
 * Everything before the fraction of the start time, which documents of one name have in common except
 * for the id and the seconds. One copy is faster than several short ones.
 */
export interface DocumentHead {
  readonly bytes: Uint8Array;
  /** Offset of the id. */
  readonly idAt: number;
  /** Offset after the id, where the fields of an outermost document go. */
  readonly middle: number;
  /** The bytes up to there, and those from there on. */
  readonly front: Uint8Array;
  readonly rest: Uint8Array;
  /** Seconds that the bytes contain, which consecutive documents usually share. */
  seconds: number;
}

/** Returns the head for documents of this name. */
export function headFor(name: string): DocumentHead {
  const before = `{"name":${JSON.stringify(name)},"id":"`;
  const idAt = Buffer.byteLength(before);
  const after = `${'0'.repeat(ID_DIGITS)}","start_time":${'0'.repeat(SECONDS_DIGITS)}`;
  const bytes = bytesOf(before + after);
  const middle = idAt + ID_DIGITS + 1;
  const front = bytes.subarray(0, middle);
  return { bytes, idAt, middle, front, rest: bytes.subarray(middle), seconds: 0 };
}

/** The end time without its fraction. */
const END = { bytes: bytesOf(`,"end_time":${'0'.repeat(SECONDS_DIGITS)}`), seconds: 0 };

/**
 * Writes name and both times, and zeros in place of the id.
 *
 * @param root what an outermost document has after its id
 */
export function writeHead(
  out: ByteWriter,
  head: DocumentHead,
  startMicros: number,
  endMicros: number,
  root: RootFields | undefined,
): void {
  const startSeconds = Math.floor(startMicros / 1e6);
  const endSeconds = Math.floor(endMicros / 1e6);
  if (head.seconds !== startSeconds) setSeconds(head, startSeconds);
  if (root === undefined) out.writeBytes(head.bytes);
  else {
    out.writeBytes(head.front);
    writeRootFields(out, root);
    out.writeBytes(head.rest);
  }
  const startRest = startMicros - startSeconds * 1e6;
  const endRest = endMicros - endSeconds * 1e6;
  if (!isUsualTime(startSeconds, startRest) || !isUsualTime(endSeconds, endRest)) {
    out.length -= head.rest.length;
    writeTimes(out, startMicros, endMicros);
    return;
  }
  writeFraction(out, startRest);
  if (END.seconds !== endSeconds) setSeconds(END, endSeconds);
  out.writeBytes(END.bytes);
  writeFraction(out, endRest);
}

/** Puts seconds at the end of the bytes, if they have as many digits as usual. */
function setSeconds(head: { readonly bytes: Uint8Array; seconds: number }, seconds: number): void {
  const digits = String(seconds);
  if (digits.length !== SECONDS_DIGITS) return;
  head.bytes.set(Buffer.from(digits), head.bytes.length - SECONDS_DIGITS);
  head.seconds = seconds;
}
