import type { UnprocessedDocument } from '../../xray-api/api.ts';
import { isTransient } from '../../xray-api/errors.ts';
import type { MutableCounters } from '../counters.ts';
import { FRAME_HEADER_BYTES } from '../encode/frame.ts';
import { dumpDocument } from './dump-document.ts';
import type { SendQueue } from './send-queue.ts';

/** A segment document to be sent to the API. */
export interface ApiDocument {
  readonly text: string;
  /** Number of documents in it, including nested ones. */
  readonly documents: number;
}

/** The documents of one call. */
export interface ApiBatch {
  readonly documents: readonly ApiDocument[];
  /** Number of failed calls. */
  readonly failures: number;
  /** Earliest time of the next attempt. */
  readonly notBeforeMs: number;
}

/** X-Ray takes at most 50 documents per call. @see docs/spec/xray-api.md section 3 */
const MAX_DOCUMENTS = 50;
/** Maximum size of a call, which limits the memory of concurrent calls. */
const MAX_BYTES = 256 * 1024;

/** Takes the documents of one call out of the queue; they count as held until they are settled. */
export function takeBatch(
  queue: SendQueue,
  counters: MutableCounters,
  dump: ((line: string) => void) | undefined,
): ApiBatch | undefined {
  const documents: ApiDocument[] = [];
  let bytes = 0;
  while (documents.length < MAX_DOCUMENTS) {
    const next = queue.peek();
    if (next === undefined || (bytes > 0 && bytes + next.bytes.length > MAX_BYTES)) break;
    bytes += next.bytes.length;
    if (dump !== undefined) dumpDocument(dump, next.bytes);
    const text = next.bytes.toString('utf8', FRAME_HEADER_BYTES);
    documents.push({ text, documents: next.documents });
    queue.take();
    counters.held += next.documents;
  }
  return documents.length === 0 ? undefined : batchOf(documents);
}

function batchOf(documents: readonly ApiDocument[]): ApiBatch {
  return { documents, failures: 0, notBeforeMs: Number.NEGATIVE_INFINITY };
}

/** Returns whether these documents fill a call. */
export function fillsCall({ count, bytes }: SendQueue['unsent']): boolean {
  return count >= MAX_DOCUMENTS || bytes >= MAX_BYTES;
}

/** Splits a batch that is too large, or that contains an invalid document. */
export function halves({ documents }: ApiBatch): readonly ApiBatch[] {
  const middle = Math.ceil(documents.length / 2);
  return [batchOf(documents.slice(0, middle)), batchOf(documents.slice(middle))];
}

/** Counts documents that were sent or dropped. */
export function settle(
  counters: MutableCounters,
  documents: readonly ApiDocument[],
  fate: 'sent' | 'rejected',
): void {
  for (const document of documents) {
    counters.held -= document.documents;
    if (fate === 'rejected') counters.dropped.rejected += document.documents;
    else {
      counters.sent += document.documents;
      counters.datagrams += 1;
      counters.bytes += Buffer.byteLength(document.text);
    }
  }
}

/** Groups the documents of a call by X-Ray's response. */
export function unaccepted(
  { documents }: ApiBatch,
  unprocessed: readonly UnprocessedDocument[],
): Readonly<Record<'accepted' | 'again' | 'rejected', readonly ApiDocument[]>> {
  const answers = new Map(unprocessed.map((answer) => [answer.id, answer]));
  const fates = {
    accepted: [] as ApiDocument[],
    again: [] as ApiDocument[],
    rejected: [] as ApiDocument[],
  };
  for (const document of documents) {
    const answer = answers.size === 0 ? undefined : answers.get(idOf(document.text));
    if (answer === undefined) fates.accepted.push(document);
    else if (isTransient(answer.errorCode)) fates.again.push(document);
    else fates.rejected.push(document);
  }
  return fates;
}

function idOf(text: string): string | undefined {
  return (JSON.parse(text) as { readonly id?: string }).id;
}
