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
   * Maximum payload bytes sent per millisecond, with bursts of twice as many. Default 32,768. The
   * rate doubles if the daemon is on this host and its receive buffer does not fill up.
   */
  readonly bytesPerMs?: number | undefined;
  /** Largest document in bytes of UTF-8, from 1,024 to 65,477 (the default). */
  readonly maxDocumentBytes?: number | undefined;
  /**
   * Maximum number of spans that wait to be sent. A batch that arrives while there is room may
   * exceed it. Default 2,048.
   */
  readonly maxQueueSize?: number | undefined;
  /** Maximum number of spans that are nested and sent as one batch. Default 512. */
  readonly maxExportBatchSize?: number | undefined;
  /**
   * Maximum size in bytes of the encoded documents that are held while the daemon is unavailable
   * and sent when it is available again. The oldest are dropped first. Default 8 MiB; 0 disables
   * holding.
   */
  readonly holdBytes?: number | undefined;
  /**
   * Sends documents directly to the X-Ray API with signed requests: always (`api`), or if the
   * daemon refuses everything from the start (`auto`). Default: to the daemon only.
   */
  readonly api?: ApiOptions | undefined;
  /** Timeout of `forceFlush()` and `shutdown()` in milliseconds. Default 30,000. */
  readonly exportTimeoutMs?: number | undefined;
  /**
   * Interval in milliseconds at which the host name of the daemon is resolved again. Default
   * 300,000.
   */
  readonly lookUpMs?: number | undefined;
  /**
   * Send a finished trace at the end of the current task instead of a few milliseconds later. Uses
   * more CPU time. For threads that may block after a task, e.g. in a thread pool. Default `false`.
   */
  readonly flushOnTaskEnd?: boolean | undefined;
  /** Called with every document as one line of JSON before it is sent. */
  readonly dump?: ((line: string) => void) | undefined;
  /** Injected dependencies, for tests. */
  readonly deps?: Partial<ExporterDeps> | undefined;
}
