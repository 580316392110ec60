import type { Socket, SocketOptions } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { diag } from '@opentelemetry/api';
import { DEFAULT_DAEMON } from '../daemon-address.ts';
import { warnOnce } from '../diagnostics.ts';
import { keepAlive } from '../keep-alive.ts';
import { openSync, readSync } from '../real-files.ts';
import type { SegmentDocument } from '../translator/document.ts';
import { toPartialDocuments } from '../translator/index.ts';
import { NO_UNMAPPED, type PartialDocument, toDocument } from '../translator/partial-document.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { BatchWriter, type DocumentCache } from './batch/batch-writer.ts';
import { truncateDocument } from './batch/truncate.ts';
import {
  countersText,
  type DropReason,
  type ExporterCounters,
  type MutableCounters,
  newCounters,
  snapshot,
} from './counters.ts';
import { asInProgress } from './in-progress.ts';
import { DEFAULT_HOLD_BYTES, MAX_DOCUMENT_BYTES, MIN_DOCUMENT_BYTES } from './limits.ts';
import type { XRayExporterOptions } from './options.ts';
import { TemplateCache } from './template-cache/template-cache.ts';
import { createTransport } from './transport/create-transport.ts';
import type { ExporterDeps } from './transport/deps.ts';
import type { ProcFile } from './transport/receive-queue.ts';
import type { Transport } from './transport/transport.ts';
import { LOOKUP_INTERVAL_MS } from './transport/udp-client.ts';

export type { ExporterCounters } from './counters.ts';
export type { XRayExporterOptions } from './options.ts';

/** Result of an export as the OpenTelemetry SDK defines it: 0 success, 1 failure. */
export interface ExportResult {
  readonly code: 0 | 1;
  readonly error?: Error;
}

/**
 * Sends finished spans to the X-Ray daemon as segment documents over UDP, at a rate that the
 * daemon's socket can receive.
 *
 * Works with any span processor of OpenTelemetry SDK 1.x, 2.x and 3.x. With `XRaySpanProcessor` it
 * waits for the spans of a request, so that one request is normally one datagram.
 */
export class XRayExporter {
  /** Whether to send spans at the end of the current task, because the thread may block then. */
  readonly flushOnTaskEnd: boolean;
  readonly #counters: MutableCounters = newCounters();
  readonly #batchWriter: BatchWriter;
  readonly #transport: Transport;
  readonly #maxQueueSize: number;
  readonly #exportTimeoutMs: number;
  readonly #translate: (span: TranslatableSpan) => readonly PartialDocument[];
  #closed: Promise<void> | undefined;

  /** @throws {TypeError} if an option is out of range; the message quotes it */
  constructor(options: XRayExporterOptions = {}) {
    const { translator = {} } = options;
    const tally = this.#counters;
    this.flushOnTaskEnd = options.flushOnTaskEnd ?? false;
    this.#maxQueueSize = positive('maxQueueSize', options.maxQueueSize ?? 2048);
    this.#exportTimeoutMs = positive('exportTimeoutMs', options.exportTimeoutMs ?? 30_000);
    const { translate } = options;
    this.#translate =
      translate === undefined
        ? (span) => toPartialDocuments(span, translator)
        : (span) => translate(span).map(asPartialDocument);
    let cache: DocumentCache | undefined;
    if (translate === undefined && options.templateCache !== false) {
      const isInLambda = translator.lambda !== undefined;
      cache = new TemplateCache(translator, undefined, isInLambda ? afterResponse : undefined);
    }
    this.#batchWriter = new BatchWriter({
      counters: tally,
      translate: this.#translate,
      cache,
      truncate: truncateDocument,
      nesting: options.nesting ?? true,
      maxDocumentBytes: documentBytes(options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES),
      maxBatchSize: positive('maxExportBatchSize', options.maxExportBatchSize ?? 512),
    });
    this.#transport = createTransport({
      daemon: options.daemon ?? DEFAULT_DAEMON.udp,
      lookUpMs: positive('lookUpMs', options.lookUpMs ?? LOOKUP_INTERVAL_MS),
      bytesPerMs: options.bytesPerMs ?? 32_768,
      holdBytes: notNegative('holdBytes', options.holdBytes ?? DEFAULT_HOLD_BYTES),
      flushOnTaskEnd: this.flushOnTaskEnd,
      api: options.api,
      dump: options.dump,
      deps: { ...realDeps(), ...options.deps },
      batchWriter: this.#batchWriter,
      counters: tally,
    });
  }

  /**
   * Exports a batch of finished spans. Calls `resultCallback` when the kernel has accepted all of
   * them.
   */
  export(spans: readonly TranslatableSpan[], resultCallback: (result: ExportResult) => void): void {
    let left = 0;
    for (const trace of byTrace(spans)) left += this.enqueue(trace) ? 0 : trace.length;
    if (left > 0) {
      const error = new Error(
        `${left} spans dropped: the exporter is shut down or its queue is full`,
      );
      resultCallback({ code: 1, error });
    } else this.#transport.whenSent(this.#exportTimeoutMs).then(() => resultCallback({ code: 0 }));
  }

  /**
   * Queues finished spans of one trace. The exporter nests them and sends them soon. It takes
   * ownership of the array and empties it after writing the spans.
   *
   * @returns `false` if the spans were dropped and counted
   */
  enqueue(spans: TranslatableSpan[]): boolean {
    const isTaken = this.#accept(spans);
    if (isTaken) this.#transport.schedule();
    return isTaken;
  }

  /**
   * Queues the spans of a request that has just ended, like {@link enqueue}. Writes queued spans
   * immediately if there are many.
   */
  enqueueEnded(spans: TranslatableSpan[]): void {
    if (this.#accept(spans)) this.#transport.writeAhead();
  }

  #accept(spans: TranslatableSpan[]): boolean {
    const full = this.queued >= this.#maxQueueSize;
    if (full || this.#closed !== undefined) {
      this.countDropped(this.#closed === undefined ? 'queue-full' : 'shut-down', spans.length);
      return false;
    }
    this.#counters.spans += spans.length;
    this.#batchWriter.addSpans(spans);
    return true;
  }

  /** Counts spans that were dropped before they were queued. */
  countDropped(reason: DropReason, spans: number): void {
    this.#counters.dropped[reason] += spans;
  }

  /** Sends documents that do not belong to a finished span, e.g. `in_progress` documents. */
  sendDocuments(documents: readonly SegmentDocument[]): void {
    if (this.#closed !== undefined) return;
    this.#batchWriter.addDocuments(documents);
    this.#transport.schedule();
  }

  /**
   * Number of spans, or of their documents, that wait to be sent. Excludes held documents, which
   * `holdBytes` limits.
   */
  get queued(): number {
    return this.#counters.queued + this.#counters.written;
  }

  /**
   * Sends `in_progress` documents for spans that are still running; later documents replace them.
   */
  sendInProgress(spans: readonly TranslatableSpan[]): void {
    const documents = spans.flatMap((span) => {
      try {
        const made = this.#translate(asInProgress(span)).map(toDocument);
        // The service segment of a split gets a new random id each time, so no later document would
        // replace this one.
        return made.length === 1 ? made : [];
      } catch {
        // When the span ends, it is translated again, and a failure is counted.
        return [];
      }
    });
    this.#counters.inProgress += documents.length;
    if (documents.length > 0) this.sendDocuments(documents);
  }

  /** Returns what has happened to the spans so far. */
  counters(): ExporterCounters {
    return snapshot(this.#counters);
  }

  /** Logs the counters at level `debug`. */
  logCounters(): void {
    diag.debug(`otel-xray: exporter: ${countersText(this.counters())}`);
  }

  /**
   * Sends everything queued. Resolves when the kernel has accepted it, when it is held because the
   * daemon is unavailable, or after `exportTimeoutMs`.
   */
  forceFlush(): Promise<void> {
    return keepAlive(this.#transport.flush(this.#exportTimeoutMs));
  }

  /**
   * Sends everything queued synchronously, for a process that exits. Blocks for at most
   * `deadlineMs` to respect the rate limit.
   */
  flushSync(deadlineMs = 1_000): void {
    this.#transport.flushSync(deadlineMs);
  }

  /** Sends everything queued at process exit. What cannot be sent is counted and logged. */
  finalFlush(deadlineMs?: number): void {
    this.flushSync(deadlineMs);
    this.#dropQueued();
  }

  #dropQueued(): void {
    const left = this.queued + this.#counters.held;
    if (left === 0) return;
    this.#counters.queued = 0;
    this.#counters.written = 0;
    this.#counters.held = 0;
    this.countDropped('flush-timeout', left);
    warnOnce(`dropped ${left} spans that could not be sent before shutdown`);
  }

  /** Sends everything queued and closes the socket; later calls wait for the first one. */
  shutdown(): Promise<void> {
    this.#closed ??= this.forceFlush().then(() => {
      // Try once more to send the held documents.
      this.#transport.flushSync(0);
      this.#transport.stop();
      this.#dropQueued();
      this.logCounters();
    });
    return this.#closed;
  }
}

/** The spans of a Lambda invocation are sent before its response, and the event loop continues after it. */
function afterResponse(work: () => void): void {
  setImmediate(work);
}

function asPartialDocument(document: SegmentDocument): PartialDocument {
  return { document, resourceMetadata: undefined, unmapped: NO_UNMAPPED };
}

/** Groups the spans of a batch by trace. Keeps the order of the spans within each trace. */
function byTrace(spans: readonly TranslatableSpan[]): Iterable<TranslatableSpan[]> {
  const traces = new Map<string, TranslatableSpan[]>();
  for (const span of spans) {
    const { traceId } = span.spanContext();
    const trace = traces.get(traceId);
    if (trace === undefined) traces.set(traceId, [span]);
    else trace.push(span);
  }
  return traces.values();
}

/**
 * Returns the real dependencies. They load modules on first use, because an app without spans needs
 * none of them.
 */
function realDeps(): ExporterDeps {
  return {
    createSocket: (options: SocketOptions): Socket =>
      process.getBuiltinModule('node:dgram').createSocket(options),
    resolve: (host) =>
      process
        .getBuiltinModule('node:dns')
        .promises.lookup(host)
        .then(({ address, family }: LookupAddress) => ({ address, family: family === 6 ? 6 : 4 })),
    now: () => performance.now(),
    openProc,
    sleep,
  };
}

function openProc(path: string): ProcFile {
  const descriptor = openSync(path, 'r');
  return { read: (into) => readSync(descriptor, into, 0, into.length, 0) };
}

let sleeper: Int32Array | undefined;

function sleep(ms: number): void {
  sleeper ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(sleeper, 0, 0, ms);
}

function notNegative(name: string, value: number): number {
  if (value >= 0) return value;
  throw new TypeError(`${name}: ${value}; expected 0 or a positive number`);
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new TypeError(`${name}: ${value}; expected a positive number`);
}

function documentBytes(value: number): number {
  if (value >= MIN_DOCUMENT_BYTES && value <= MAX_DOCUMENT_BYTES) return value;
  throw new TypeError(
    `maxDocumentBytes: ${value}; expected ${MIN_DOCUMENT_BYTES} to ${MAX_DOCUMENT_BYTES}`,
  );
}
