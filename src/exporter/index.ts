import type { Socket, SocketOptions } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { diag } from '@opentelemetry/api';
import { DEFAULT_DAEMON } from '../daemon-address.ts';
import { warnOnce } from '../diagnostics.ts';
import { keepAlive } from '../keep-alive.ts';
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

/** The result of an export as the OpenTelemetry SDK defines it: 0 done, 1 failed. */
export interface ExportResult {
  readonly code: 0 | 1;
  readonly error?: Error;
}

/**
 * Sends finished spans to the X-Ray daemon: as native segment documents, over UDP, at a pace that
 * the daemon's socket can take.
 *
 * Fits any span processor of OpenTelemetry SDK 1.x, 2.x and 3.x; with `XRaySpanProcessor` it also
 * waits for the parts of a request, so that one request is normally one datagram.
 */
export class XRayExporter {
  /** Sends when the present task of the thread is over, as no timer may come after it. */
  readonly flushOnTaskEnd: boolean;
  readonly #counters: MutableCounters = newCounters();
  readonly #batchWriter: BatchWriter;
  readonly #transport: Transport;
  readonly #maxQueueSize: number;
  readonly #exportTimeoutMs: number;
  readonly #translate: (span: TranslatableSpan) => readonly PartialDocument[];
  #closed: Promise<void> | undefined;

  /** @throws {TypeError} when an option is out of its range; the message quotes it */
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
      cache = new TemplateCache(translator);
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
   * Takes a batch of finished spans. `resultCallback` is called when all of it was handed to the
   * kernel.
   */
  export(spans: readonly TranslatableSpan[], resultCallback: (result: ExportResult) => void): void {
    let left = 0;
    for (const trace of byTrace(spans)) left += this.enqueue(trace) ? 0 : trace.length;
    if (left > 0) {
      const error = new Error(`${left} spans lost: the exporter is shut down or its queue is full`);
      resultCallback({ code: 1, error });
    } else this.#transport.whenSent(this.#exportTimeoutMs).then(() => resultCallback({ code: 0 }));
  }

  /**
   * Takes finished spans of one trace, to be nested into each other and sent soon. Takes the list
   * over, and empties it when they are written.
   *
   * @returns `false` when they were dropped, which is counted
   */
  enqueue(spans: TranslatableSpan[]): boolean {
    const isTaken = this.#accept(spans);
    if (isTaken) this.#transport.schedule();
    return isTaken;
  }

  /** The same for a request that has ended just now: written at once when many wait. */
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

  /** Counts spans that are given up before they were queued. */
  countDropped(reason: DropReason, spans: number): void {
    this.#counters.dropped[reason] += spans;
  }

  /** Sends documents that belong to no finished span, e.g. those in progress. */
  sendDocuments(documents: readonly SegmentDocument[]): void {
    if (this.#closed !== undefined) return;
    this.#batchWriter.addDocuments(documents);
    this.#transport.schedule();
  }

  /** Spans, or the documents of them, waiting now; those that are held have a limit of their own. */
  get queued(): number {
    return this.#counters.queued + this.#counters.written;
  }

  /** Sends `in_progress` documents of spans that still run; the finished ones replace them. */
  sendInProgress(spans: readonly TranslatableSpan[]): void {
    const documents = spans.flatMap((span) => {
      try {
        const made = this.#translate(asInProgress(span)).map(toDocument);
        // Of two documents the service's has an id made up anew, so nothing would replace it.
        return made.length === 1 ? made : [];
      } catch {
        // It is tried again, and counted, when the span has ended.
        return [];
      }
    });
    this.#counters.inProgress += documents.length;
    if (documents.length > 0) this.sendDocuments(documents);
  }

  /** What became of the spans so far. */
  counters(): ExporterCounters {
    return snapshot(this.#counters);
  }

  /** Says them at the level `debug`. */
  logCounters(): void {
    diag.debug(`otel-xray: exporter: ${countersText(this.counters())}`);
  }

  /**
   * Sends everything queued. Resolves when the kernel has it, or when it is held because the daemon is
   * away; at the latest after the time limit.
   */
  forceFlush(): Promise<void> {
    return keepAlive(this.#transport.flush(this.#exportTimeoutMs));
  }

  /**
   * Sends everything queued before it returns, for a process that ends. Blocks at most
   * `deadlineMs` to keep the pace.
   */
  flushSync(deadlineMs = 1_000): void {
    this.#transport.flushSync(deadlineMs);
  }

  /** The same at the end of the process: what cannot be sent any more is counted and said. */
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
    warnOnce(`${left} spans could not be sent before the end and are lost`);
  }

  /** Sends everything queued and closes the socket; later calls await the first. */
  shutdown(): Promise<void> {
    this.#closed ??= this.forceFlush().then(() => {
      // A last attempt for what is held.
      this.#transport.flushSync(0);
      this.#transport.stop();
      this.#dropQueued();
      this.logCounters();
    });
    return this.#closed;
  }
}

function asPartialDocument(document: SegmentDocument): PartialDocument {
  return { document, resourceMetadata: undefined, unmapped: NO_UNMAPPED };
}

/** The spans of a batch, trace by trace, each in the order they came. */
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

/** Modules are loaded here and not at the top, because a program that never traces needs none. */
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
  const { openSync, readSync } = process.getBuiltinModule('node:fs');
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
