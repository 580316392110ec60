import { warnOnce } from '../../diagnostics.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import { type Draft, wholeDocument } from '../../translator/partial-document.ts';
import type { TranslatableSpan } from '../../translator/span.ts';
import type { Tally } from '../counters.ts';
import { ByteSink } from '../encode/byte-writer.ts';
import type { Templates } from '../template-cache/template-cache.ts';
import { type WrittenNode, writeDatagram, writtenNode } from './documents.ts';
import { nest, OUTER_BYTES } from './nest.ts';

export interface AssemblyOptions {
  readonly tally: Tally;
  readonly translate: (span: TranslatableSpan) => readonly Draft[];
  readonly write: (sink: ByteSink, draft: Draft) => WrittenNode;
  /** Spans that are known need no translation. */
  readonly templates?: Templates | undefined;
  /** Makes a document fit; `removed` is empty when it fitted already. */
  readonly fit: (
    document: SegmentDocument,
    maxBytes: number,
  ) => { readonly document: SegmentDocument; readonly removed: readonly string[] };
  readonly nesting: boolean;
  readonly maxDocumentBytes: number;
  /** Most spans that are nested together. */
  readonly maxBatchSize: number;
}

/** A datagram that was just written. */
export interface Datagram {
  readonly sink: ByteSink;
  readonly start: number;
  readonly end: number;
  /** Documents in it. */
  readonly documents: number;
  /** How often the kernel refused it already. */
  readonly refusals: number;
}

/** What goes in: finished spans of one trace, or documents made elsewhere. */
interface Batch {
  /** Empty when all are written. */
  readonly spans: TranslatableSpan[];
  readonly documents: readonly SegmentDocument[];
}

const NOTHING: never[] = [];
/** In the place of a batch that is done. */
const DONE: Batch = { spans: NOTHING, documents: NOTHING };
/** Written in one step: about 20 µs, and rarely more than 100. */
const STEP_SPANS = 4;
/** This many that are done are taken off the list at once. */
const DONE_BATCHES = 256;
/** A buffer that a rare huge batch made larger than this is given back. */
const KEEP_BYTES = 1024 * 1024;

/**
 * From finished spans to datagrams, in steps small enough to stop after any of them: a few spans are
 * translated and written, or one datagram is put together.
 */
export class Assembly {
  /** Batches taken so far. */
  added = 0;
  /** Batches of which every datagram was made. */
  finished = 0;
  /** Largest document; lowered when the network turns out to carry less. */
  maxDocumentBytes: number;
  readonly #options: AssemblyOptions;
  #batches: Batch[] = [];
  /** Index of the batch at work; those before it are done. */
  #current = 0;
  /** Spans, then documents of the batch at work that were written. */
  #written = 0;
  #nodes: WrittenNode[] = [];
  #roots: readonly WrittenNode[] | undefined;
  #taken = 0;
  #scratch: ByteSink = new ByteSink(128 * 1024);

  constructor(options: AssemblyOptions) {
    this.#options = options;
    this.maxDocumentBytes = options.maxDocumentBytes;
  }

  get empty(): boolean {
    return this.#current === this.#batches.length;
  }

  /** Takes the list over, and empties it when its spans are written. */
  addSpans(spans: TranslatableSpan[]): void {
    const size = this.#options.maxBatchSize;
    this.#options.tally.queued += spans.length;
    if (spans.length <= size) {
      this.#add({ spans, documents: NOTHING });
      return;
    }
    for (let start = 0; start < spans.length; start += size) {
      this.#add({ spans: spans.slice(start, start + size), documents: NOTHING });
    }
  }

  addDocuments(documents: readonly SegmentDocument[]): void {
    this.#add({ spans: NOTHING, documents });
  }

  #add(batch: Batch): void {
    this.#batches.push(batch);
    this.added += 1;
  }

  /**
   * Does the next small piece of work: most local traces are one such piece.
   *
   * @returns the datagram when this step wrote one at the end of `out`
   */
  step(out: ByteSink): Datagram | undefined {
    const batch = this.#batches[this.#current];
    if (batch === undefined) return undefined;
    this.#roots ??= this.#writeSome(batch) ? this.#nested() : undefined;
    if (this.#roots === undefined) return undefined;
    if (this.#roots.length > 0) return this.#datagram(this.#roots, out);
    this.#finish();
    return undefined;
  }

  /** Writes the next documents of a batch; `true` when that were the last. */
  #writeSome({ spans, documents }: Batch): boolean {
    const all = spans.length + documents.length;
    const end = Math.min(all, this.#written + STEP_SPANS);
    for (; this.#written < end; this.#written += 1) this.#writeOne(spans, documents);
    return end === all;
  }

  /** What is wrong with one span must not reach the others, nor the program. */
  #writeOne(spans: Batch['spans'], documents: Batch['documents']): void {
    const { tally } = this.#options;
    const span = spans[this.#written];
    try {
      if (span === undefined) {
        this.#document(documents[this.#written - spans.length] as SegmentDocument);
      } else {
        tally.queued -= 1;
        this.#span(span);
      }
    } catch (error) {
      tally.dropped.untranslatable += 1;
      warnOnce(`a span could not be translated and is lost: ${(error as Error).message}`);
    }
  }

  #span(span: TranslatableSpan): void {
    const { templates, translate, tally } = this.#options;
    if (templates !== undefined && this.#known(templates, span)) return;
    const drafts = translate(span);
    for (const draft of drafts) this.#draft(draft);
    if (drafts.length === 0) tally.dropped.untranslatable += 1;
    else templates?.learn(span);
  }

  #known(templates: Templates, span: TranslatableSpan): boolean {
    const node = templates.written(this.#scratch, span);
    return node !== undefined && this.#fits(node);
  }

  #draft(draft: Draft): void {
    if (this.#fits(this.#options.write(this.#scratch, draft))) return;
    this.#document(wholeDocument(draft));
  }

  /** Takes a document that was just written, unless it is too long. */
  #fits(node: WrittenNode): boolean {
    const fits = node.bytes + OUTER_BYTES <= this.maxDocumentBytes;
    if (fits) this.#nodes.push(node);
    else this.#scratch.length = node.start;
    return fits;
  }

  /** A document from elsewhere, or one that is too long. */
  #document(document: SegmentDocument): void {
    if (this.#fits(writtenNode(this.#scratch, document))) return;
    const max = this.maxDocumentBytes;
    const { document: fitted, removed } = this.#options.fit(document, max);
    if (removed.length > 0) this.#options.tally.cut += 1;
    this.#nodes.push(writtenNode(this.#scratch, fitted));
  }

  #nested(): readonly WrittenNode[] {
    const { nesting, tally } = this.#options;
    if (!nesting) return this.#nodes;
    const { roots, nested, split } = nest(this.#nodes, this.maxDocumentBytes);
    tally.nested += nested;
    tally.split += split;
    return roots;
  }

  #datagram(roots: readonly WrittenNode[], out: ByteSink): Datagram {
    const start = out.length;
    const root = roots[this.#taken] as WrittenNode;
    const documents = writeDatagram(out, this.#scratch, root);
    this.#taken += 1;
    if (this.#taken === roots.length) this.#finish();
    this.#options.tally.written += documents;
    return { sink: out, start, end: out.length, documents, refusals: 0 };
  }

  #finish(): void {
    // V8 may have made the list among its old objects, and what such a list holds stays until all of
    // them are looked through.
    const { spans } = this.#batches[this.#current] as Batch;
    while (spans.length > 0) spans.pop();
    this.#batches[this.#current] = DONE;
    this.finished += 1;
    this.#current += 1;
    if (this.#current === DONE_BATCHES) {
      this.#batches.splice(0, DONE_BATCHES);
      this.#current = 0;
    }
    this.#written = 0;
    this.#nodes = [];
    this.#roots = undefined;
    this.#taken = 0;
    if (this.#scratch.bytes.length > KEEP_BYTES) this.#scratch = new ByteSink(128 * 1024);
    this.#scratch.length = 0;
  }
}
