import { warnOnce } from '../../diagnostics.ts';
import { clearList } from '../../span-list.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import { type PartialDocument, toDocument } from '../../translator/partial-document.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import type { MutableCounters } from '../counters.ts';
import { ByteWriter } from '../encode/byte-writer.ts';
import { writeDocument, writePartialDocument } from '../encode/write-document.ts';
import type { WrittenDocument } from '../encode/written-document.ts';
import { writeDatagram, writeSeparator } from './documents.ts';
import { nest, OUTER_BYTES } from './nest.ts';
import { type InPlaceWriter, MAX_SPANS, tryWriteRequest } from './whole-request.ts';

/** Writes the documents of known spans without translating them. */
export interface DocumentCache extends InPlaceWriter {
  /** Whether spans are looked up: if not, nothing is written. */
  readonly isOn: boolean;
  /** Writes the document of a span, whose place is not known, or returns `undefined` and writes nothing. */
  tryWrite(out: ByteWriter, span: TranslatableSpan): WrittenDocument | undefined;
  /** Learns from a span that was translated. */
  observe(span: TranslatableSpan): void;
}

export interface BatchWriterOptions {
  readonly counters: MutableCounters;
  readonly translate: (span: TranslatableSpan) => readonly PartialDocument[];
  readonly cache?: DocumentCache | undefined;
  /** Truncates a document to `maxBytes`; `removed` is empty if the document already fits. */
  readonly truncate: (
    document: SegmentDocument,
    maxBytes: number,
  ) => { readonly document: SegmentDocument; readonly removed: readonly string[] };
  readonly nesting: boolean;
  readonly maxDocumentBytes: number;
  /** Maximum number of spans that are nested together. */
  readonly maxBatchSize: number;
}

/** A datagram that has just been written. */
export interface Datagram {
  readonly writer: ByteWriter;
  readonly start: number;
  readonly end: number;
  /** Number of documents in it. */
  readonly documents: number;
  /** How often the kernel has rejected it. */
  readonly refusals: number;
}

/** The input: finished spans of one trace, or documents from another source. */
interface Batch {
  /** Emptied when all are written. */
  readonly spans: TranslatableSpan[];
  readonly documents: readonly SegmentDocument[];
}

const NOTHING: never[] = [];
/** Replaces a completed batch in the list. */
const DONE: Batch = { spans: NOTHING, documents: NOTHING };
/** Number of spans written in one step: about 20 µs, rarely more than 100. */
const STEP_SPANS = 4;
/** Completed batches are removed from the list in groups of this size. */
const DONE_BATCHES = 256;
/** A buffer that has grown beyond this size is released after the batch. */
const KEEP_BYTES = 1024 * 1024;

/**
 * Turns finished spans into datagrams in small steps: a step translates and writes a few spans, or
 * writes one datagram.
 */
export class BatchWriter {
  /** Batches accepted so far. */
  accepted = 0;
  /** Batches whose datagrams are all written. */
  completed = 0;
  /** Maximum size of a document in bytes. Lowered if the network rejects datagrams of that size. */
  maxDocumentBytes: number;
  readonly #options: BatchWriterOptions;
  #batches: Batch[] = [];
  /** Index of the current batch; those before it are completed. */
  #current = 0;
  /** Number of spans, then documents, of the current batch that are written. */
  #written = 0;
  #nodes: WrittenDocument[] = NOTHING;
  #roots: readonly WrittenDocument[] | undefined;
  #sentRoots = 0;
  #scratch: ByteWriter = new ByteWriter(128 * 1024);

  constructor(options: BatchWriterOptions) {
    this.#options = options;
    this.maxDocumentBytes = options.maxDocumentBytes;
  }

  get isEmpty(): boolean {
    return this.#current === this.#batches.length;
  }

  /** Adds finished spans. Takes ownership of the array and empties it after writing the spans. */
  addSpans(spans: TranslatableSpan[]): void {
    const size = this.#options.maxBatchSize;
    this.#options.counters.queued += spans.length;
    if (spans.length <= size) {
      this.#add({ spans, documents: NOTHING });
      return;
    }
    for (let start = 0; start < spans.length; start += size) {
      this.#add({ spans: spans.slice(start, start + size), documents: NOTHING });
    }
    clearList(spans);
  }

  addDocuments(documents: readonly SegmentDocument[]): void {
    this.#add({ spans: NOTHING, documents });
  }

  #add(batch: Batch): void {
    this.#batches.push(batch);
    this.accepted += 1;
  }

  /**
   * Performs the next step. Most local traces need one step to write and one to send.
   *
   * @returns the datagram, if this step wrote one at the end of `out`
   */
  writeNext(out: ByteWriter): Datagram | undefined {
    const batch = this.#batches[this.#current];
    if (batch === undefined) return undefined;
    if (this.#written === 0) {
      const whole = this.#tryWriteWhole(batch, out);
      if (whole !== undefined) return whole;
    }
    this.#roots ??= this.#writeSome(batch) ? this.#nest() : undefined;
    if (this.#roots === undefined) return undefined;
    if (this.#roots.length > 0) return this.#writeDatagram(this.#roots, out);
    this.#finish();
    return undefined;
  }

  /** Writes all spans of a small batch at once, if they are one request and all of them are known. */
  #tryWriteWhole({ spans, documents }: Batch, out: ByteWriter): Datagram | undefined {
    const { cache, counters, nesting } = this.#options;
    const { length } = spans;
    if (cache?.isOn !== true || !nesting || length === 0 || length > MAX_SPANS) return undefined;
    if (documents.length > 0) return undefined;
    const start = out.length;
    try {
      if (!tryWriteRequest(out, cache, spans, this.maxDocumentBytes)) return undefined;
    } catch {
      // A span that cannot be read is reported when the spans are written one by one.
      out.length = start;
      return undefined;
    }
    counters.queued -= length;
    counters.nested += length - 1;
    counters.written += length;
    this.#finish();
    return { writer: out, start, end: out.length, documents: length, refusals: 0 };
  }

  /** Writes the next documents of a batch. Returns `true` after the last ones. */
  #writeSome({ spans, documents }: Batch): boolean {
    const all = spans.length + documents.length;
    const end = Math.min(all, this.#written + STEP_SPANS);
    for (; this.#written < end; this.#written += 1) this.#writeOne(spans, documents);
    return end === all;
  }

  /** Writes one span or document. An error in one span must not affect the others or the app. */
  #writeOne(spans: Batch['spans'], documents: Batch['documents']): void {
    const { counters } = this.#options;
    const span = spans[this.#written];
    try {
      if (span === undefined) {
        this.#writeDocument(documents[this.#written - spans.length] as SegmentDocument);
      } else {
        counters.queued -= 1;
        this.#writeSpan(span);
      }
    } catch (error) {
      counters.dropped.untranslatable += 1;
      warnOnce(`dropped a span that could not be translated: ${(error as Error).message}`);
    }
  }

  #writeSpan(span: TranslatableSpan): void {
    const { cache, translate, counters } = this.#options;
    if (cache !== undefined && this.#writeFromCache(cache, span)) return;
    const partials = translate(span);
    for (const partial of partials) this.#writePartial(partial);
    if (partials.length === 0) counters.dropped.untranslatable += 1;
    else cache?.observe(span);
  }

  #writeFromCache(cache: DocumentCache, span: TranslatableSpan): boolean {
    const written = cache.tryWrite(this.#scratch, span);
    return written !== undefined && this.#keepIfFits(written);
  }

  #writePartial(partial: PartialDocument): void {
    if (this.#keepIfFits(writePartialDocument(this.#scratch, partial))) return;
    this.#writeDocument(toDocument(partial));
  }

  /** Keeps a document that has just been written, unless it is too large. */
  #keepIfFits(node: WrittenDocument): boolean {
    const fits = node.bytes + OUTER_BYTES <= this.maxDocumentBytes;
    if (fits) this.#keep(node);
    else this.#scratch.length = node.start;
    return fits;
  }

  #keep(node: WrittenDocument): void {
    // A new list of one is smaller than one that grew from nothing.
    if (this.#nodes.length === 0) this.#nodes = [node];
    else this.#nodes.push(node);
    writeSeparator(this.#scratch);
  }

  /** Writes a document from another source, or one that may have to be truncated. */
  #writeDocument(document: SegmentDocument): void {
    if (this.#keepIfFits(writeDocument(this.#scratch, document))) return;
    const max = this.maxDocumentBytes;
    const { document: fitted, removed } = this.#options.truncate(document, max);
    if (removed.length > 0) this.#options.counters.cut += 1;
    this.#keep(writeDocument(this.#scratch, fitted));
  }

  #nest(): readonly WrittenDocument[] {
    const { nesting, counters } = this.#options;
    if (!nesting) return this.#nodes;
    const { roots, nested, split } = nest(this.#nodes, this.maxDocumentBytes);
    counters.nested += nested;
    counters.split += split;
    return roots;
  }

  #writeDatagram(roots: readonly WrittenDocument[], out: ByteWriter): Datagram {
    const start = out.length;
    const root = roots[this.#sentRoots] as WrittenDocument;
    const documents = writeDatagram(out, this.#scratch, root);
    this.#sentRoots += 1;
    if (this.#sentRoots === roots.length) this.#finish();
    this.#options.counters.written += documents;
    return { writer: out, start, end: out.length, documents, refusals: 0 };
  }

  #finish(): void {
    clearList((this.#batches[this.#current] as Batch).spans);
    this.#batches[this.#current] = DONE;
    this.completed += 1;
    this.#current += 1;
    if (this.#current === DONE_BATCHES) {
      this.#batches.splice(0, DONE_BATCHES);
      this.#current = 0;
    }
    this.#written = 0;
    this.#nodes = NOTHING;
    this.#roots = undefined;
    this.#sentRoots = 0;
    if (this.#scratch.bytes.length > KEEP_BYTES) this.#scratch = new ByteWriter(128 * 1024);
    this.#scratch.length = 0;
  }
}
