import type { Socket, SocketOptions } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { diag } from '@opentelemetry/api';
import { DEFAULT_DAEMON } from '../daemon-address.ts';
import { warnOnce } from '../diagnostics.ts';
import type { SegmentDocument } from '../translator/document.ts';
import { toDrafts } from '../translator/index.ts';
import { type Draft, NO_LEFTOVERS, wholeDocument } from '../translator/partial-document.ts';
import type { TranslatableSpan } from '../translator/span.ts';
import { Assembly } from './batch/batch-writer.ts';
import { writtenDraft, writtenNode } from './batch/documents.ts';
import { fitDocument } from './batch/truncate.ts';
import {
  countersText,
  type DropReason,
  type ExporterCounters,
  newTally,
  snapshot,
  type Tally,
} from './counters.ts';
import { asInProgress } from './in-progress.ts';
import {
  type ExporterEnvironment,
  LEAST_DOCUMENT_BYTES,
  MAX_DOCUMENT_BYTES,
  type XRayExporterOptions,
} from './options.ts';
import { Templates } from './template-cache/template-cache.ts';
import { createRateLimiter } from './transport/rate-limiter.ts';
import {
  openReceiveQueueReader,
  type ProcFile,
  type ReadReceiveQueue,
} from './transport/receive-queue.ts';
import { SendLoop } from './transport/send-loop.ts';
import { LOOKUP_INTERVAL_MS, openUdpClient, type UdpClient } from './transport/udp-client.ts';

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
  readonly eager: boolean;
  readonly #tally: Tally = newTally();
  readonly #client: UdpClient;
  readonly #assembly: Assembly;
  readonly #sendLoop: SendLoop;
  readonly #maxQueueSize: number;
  readonly #exportTimeoutMs: number;
  readonly #translate: (span: TranslatableSpan) => readonly Draft[];
  #closed: Promise<void> | undefined;

  /** @throws {TypeError} when an option is out of its range; the message quotes it */
  constructor(options: XRayExporterOptions = {}) {
    const { translator = {} } = options;
    const environment: ExporterEnvironment = { ...realEnvironment(), ...options.environment };
    const tally = this.#tally;
    this.eager = options.eager ?? false;
    this.#maxQueueSize = positive('maxQueueSize', options.maxQueueSize ?? 2048);
    this.#exportTimeoutMs = positive('exportTimeoutMs', options.exportTimeoutMs ?? 30_000);
    const { translate } = options;
    this.#translate =
      translate === undefined
        ? (span) => toDrafts(span, translator)
        : (span) => translate(span).map(asDraft);
    this.#assembly = new Assembly({
      tally,
      translate: this.#translate,
      // Documents of another translator may have fields that ours does not know.
      write:
        translate === undefined ? writtenDraft : (sink, draft) => writtenNode(sink, draft.document),
      templates: translate === undefined ? new Templates(translator) : undefined,
      fit: fitDocument,
      nesting: options.nesting ?? true,
      maxDocumentBytes: documentBytes(options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES),
      maxBatchSize: positive('maxExportBatchSize', options.maxExportBatchSize ?? 512),
    });
    const daemon = options.daemon ?? DEFAULT_DAEMON.udp;
    this.#client = openUdpClient(daemon, {
      ...environment,
      lookUpMs: positive('lookUpMs', options.lookUpMs ?? LOOKUP_INTERVAL_MS),
      onOpen: () => this.#sendLoop?.schedule(),
      onError: ({ code = 'unknown' }) => {
        tally.sendErrors[code] = (tally.sendErrors[code] ?? 0) + 1;
      },
    });
    this.#sendLoop = new SendLoop({
      assembly: this.#assembly,
      client: this.#client,
      rateLimiter: createRateLimiter(
        options.bytesPerMs ?? 32_768,
        countingDrops(openReceiveQueueReader(daemon, environment.openProc), tally),
      ),
      tally,
      flushOnTaskEnd: this.eager,
      dump: options.dump,
      now: environment.now,
      sleep: environment.sleep,
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
    } else this.#sendLoop.whenSent(this.#exportTimeoutMs).then(() => resultCallback({ code: 0 }));
  }

  /**
   * Takes finished spans of one trace, to be nested into each other and sent soon. Takes the list
   * over, and empties it when they are written.
   *
   * @returns `false` when they were dropped, which is counted
   */
  enqueue(spans: TranslatableSpan[]): boolean {
    const isTaken = this.#take(spans);
    if (isTaken) this.#sendLoop.schedule();
    return isTaken;
  }

  /** The same for a request that has ended just now: written at once when many wait. */
  enqueueEnded(spans: TranslatableSpan[]): void {
    if (this.#take(spans)) this.#sendLoop.writeAhead();
  }

  #take(spans: TranslatableSpan[]): boolean {
    const full = this.queued >= this.#maxQueueSize;
    if (full || this.#closed !== undefined) {
      this.drop(this.#closed === undefined ? 'queue-full' : 'shut-down', spans.length);
      return false;
    }
    this.#tally.spans += spans.length;
    this.#assembly.addSpans(spans);
    return true;
  }

  /** Counts spans that are given up before they were queued. */
  drop(reason: DropReason, spans: number): void {
    this.#tally.dropped[reason] += spans;
  }

  /** Sends documents that belong to no finished span, e.g. those in progress. */
  sendDocuments(documents: readonly SegmentDocument[]): void {
    if (this.#closed !== undefined) return;
    this.#assembly.addDocuments(documents);
    this.#sendLoop.schedule();
  }

  /** Spans, or the documents of them, waiting now. */
  get queued(): number {
    return this.#tally.queued + this.#tally.written;
  }

  /** Sends `in_progress` documents of spans that still run; the finished ones replace them. */
  sendInProgress(spans: readonly TranslatableSpan[]): void {
    const documents = spans.flatMap((span) => {
      try {
        const made = this.#translate(asInProgress(span)).map(wholeDocument);
        // Of two documents the service's has an id made up anew, so nothing would replace it.
        return made.length === 1 ? made : [];
      } catch {
        // It is tried again, and counted, when the span has ended.
        return [];
      }
    });
    this.#tally.inProgress += documents.length;
    if (documents.length > 0) this.sendDocuments(documents);
  }

  /** What became of the spans so far. */
  counters(): ExporterCounters {
    return snapshot(this.#tally);
  }

  /** Says them at the level `debug`. */
  sayCounters(): void {
    diag.debug(`otel-xray: exporter: ${countersText(this.counters())}`);
  }

  /** Sends everything queued; resolves when the kernel has it, at the latest after the time limit. */
  forceFlush(): Promise<void> {
    return this.#sendLoop.flush(this.#exportTimeoutMs);
  }

  /**
   * Sends everything queued before it returns, for a process that ends. Blocks at most
   * `deadlineMs` to keep the pace.
   */
  flushSync(deadlineMs = 1_000): void {
    this.#sendLoop.flushSync(deadlineMs);
  }

  /** The same at the end of the process: what cannot be sent any more is counted and said. */
  flushAtLast(deadlineMs?: number): void {
    this.flushSync(deadlineMs);
    this.#giveUp();
  }

  #giveUp(): void {
    const left = this.queued;
    if (left === 0) return;
    this.#tally.queued = 0;
    this.#tally.written = 0;
    this.drop('flush-timeout', left);
    warnOnce(`${left} spans could not be sent before the end and are lost`);
  }

  /** Sends everything queued and closes the socket; later calls await the first. */
  shutdown(): Promise<void> {
    this.#closed ??= this.forceFlush().then(() => {
      this.#sendLoop.stop();
      this.#client.close();
      this.#giveUp();
      this.sayCounters();
    });
    return this.#closed;
  }
}

function asDraft(document: SegmentDocument): Draft {
  return { document, shared: undefined, leftovers: NO_LEFTOVERS };
}

/** Counts what the receiver lost while we looked. */
function countingDrops(
  look: ReadReceiveQueue | undefined,
  tally: Tally,
): ReadReceiveQueue | undefined {
  if (look === undefined) return undefined;
  let seen: number | undefined;
  return () => {
    const state = look();
    if (state === undefined) return undefined;
    // A number that went down is that of a new socket.
    const lost = state.drops - (seen ?? state.drops);
    seen = state.drops;
    if (lost > 0) {
      tally.receiverDrops += lost;
      warnOnce(
        'the daemon does not read fast enough: its full socket lost datagrams, of this program or ' +
          'another; lower the sampling rate, or raise net.core.rmem_default on its host',
      );
    }
    return state;
  };
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
function realEnvironment(): ExporterEnvironment {
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

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new TypeError(`${name}: ${value}; expected a positive number`);
}

function documentBytes(value: number): number {
  if (value >= LEAST_DOCUMENT_BYTES && value <= MAX_DOCUMENT_BYTES) return value;
  throw new TypeError(
    `maxDocumentBytes: ${value}; expected ${LEAST_DOCUMENT_BYTES} to ${MAX_DOCUMENT_BYTES}`,
  );
}
