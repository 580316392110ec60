import type { Endpoint } from '../daemon-address.ts';
import type { TranslatorOptions } from '../translator/context/options.ts';
import type { SegmentDocument } from '../translator/document.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import type { ApiOptions } from './transport/create-transport.ts';
import type { ExporterDeps } from './transport/deps.ts';

/** Options of {@link XRayExporter}. */
export interface XRayExporterOptions {
  /** UDP address of the daemon. Default `127.0.0.1:2000`. */
  readonly daemon?: Endpoint | undefined;
  /** Options of the translation. */
  readonly translator?: TranslatorOptions | undefined;
  /** Translates a span instead of the built-in translator. The span is dropped if it throws. */
  readonly translate?: ((span: TranslatableSpan) => readonly SegmentDocument[]) | undefined;
  /**
   * Write spans that resemble earlier ones from templates, without translating them. Default
   * `true`. The documents are the same either way.
   */
  readonly templateCache?: boolean | undefined;
  /** Nest finished children inside their finished parent's document. Default `true`. */
  readonly nesting?: boolean | undefined;
  /**
   * Most payload bytes sent in a millisecond, after twice as many at once. Default 32,768. A daemon
   * on this host, whose socket is seen to keep up, gets twice this pace.
   */
  readonly bytesPerMs?: number | undefined;
  /** Largest document in bytes of UTF-8, from 1,024 to 65,477 (the default). */
  readonly maxDocumentBytes?: number | undefined;
  /**
   * Most spans that wait to be sent; a batch handed over while there is room may go beyond. Default
   * 2,048.
   */
  readonly maxQueueSize?: number | undefined;
  /** Most spans that are nested and sent as one batch. Default 512. */
  readonly maxExportBatchSize?: number | undefined;
  /**
   * Most bytes of encoded documents that are held while the daemon is away, and sent when it is
   * back. The oldest are dropped first. Default 8 MiB; 0 holds nothing.
   */
  readonly holdBytes?: number | undefined;
  /**
   * Sends documents to X-Ray itself, by signed calls: always (`api`), or if the daemon refuses
   * everything from the start (`auto`). Default: to the daemon only.
   */
  readonly api?: ApiOptions | undefined;
  /** Milliseconds after which `forceFlush()` and `shutdown()` give up waiting. Default 30,000. */
  readonly exportTimeoutMs?: number | undefined;
  /** Milliseconds after which the daemon's host name is looked up again. Default 300,000. */
  readonly lookUpMs?: number | undefined;
  /**
   * Send a finished trace at the end of the current task, not a few milliseconds later. Costs more
   * CPU time; for threads that may block after a task, as in a thread pool. Default `false`.
   */
  readonly flushOnTaskEnd?: boolean | undefined;
  /** Called with every document as one line of JSON before it is sent. */
  readonly dump?: ((line: string) => void) | undefined;
  /** Injected dependencies, for tests. */
  readonly deps?: Partial<ExporterDeps> | undefined;
}
