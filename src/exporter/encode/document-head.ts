import type { ByteWriter } from './byte-writer.ts';
import { bytesOf } from './fields.ts';
import { isUsualTime, SECONDS_DIGITS, writeFraction } from './json.ts';
import { writeTimes } from './write-document.ts';

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
  /** Seconds that the bytes contain, which consecutive documents usually share. */
  seconds: number;
}

/** Returns the head for documents of this name. */
export function headFor(name: string): DocumentHead {
  const before = `{"name":${JSON.stringify(name)},"id":"`;
  const idAt = Buffer.byteLength(before);
  const after = `${'0'.repeat(ID_DIGITS)}","start_time":${'0'.repeat(SECONDS_DIGITS)}`;
  return { bytes: bytesOf(before + after), idAt, middle: idAt + ID_DIGITS + 1, seconds: 0 };
}

/** The end time without its fraction. */
const END = { bytes: bytesOf(`,"end_time":${'0'.repeat(SECONDS_DIGITS)}`), seconds: 0 };

/**
 * Writes name and both times, and zeros in place of the id.
 *
 * @returns the offset after the id
 */
export function writeHead(
  out: ByteWriter,
  head: DocumentHead,
  startMicros: number,
  endMicros: number,
): number {
  const start = out.length;
  const startSeconds = Math.floor(startMicros / 1e6);
  const endSeconds = Math.floor(endMicros / 1e6);
  if (head.seconds !== startSeconds) setSeconds(head, startSeconds);
  out.writeBytes(head.bytes);
  const middle = start + head.middle;
  const startRest = startMicros - startSeconds * 1e6;
  const endRest = endMicros - endSeconds * 1e6;
  if (!isUsualTime(startSeconds, startRest) || !isUsualTime(endSeconds, endRest)) {
    out.length = middle;
    writeTimes(out, startMicros, endMicros);
    return middle;
  }
  writeFraction(out, startRest);
  if (END.seconds !== endSeconds) setSeconds(END, endSeconds);
  out.writeBytes(END.bytes);
  writeFraction(out, endRest);
  return middle;
}

/** Puts seconds at the end of the bytes, if they have as many digits as usual. */
function setSeconds(head: { readonly bytes: Uint8Array; seconds: number }, seconds: number): void {
  const digits = String(seconds);
  if (digits.length !== SECONDS_DIGITS) return;
  head.bytes.set(Buffer.from(digits), head.bytes.length - SECONDS_DIGITS);
  head.seconds = seconds;
}
