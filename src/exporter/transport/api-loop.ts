import { resetOnce, warnOnce } from '../../diagnostics.ts';
import type { XRayApi } from '../../xray-api/api.ts';
import { type ApiFailure, apiFailure } from '../../xray-api/errors.ts';
import { type FinalSend, sendFinally } from '../../xray-api/final-send.ts';
import type { BatchWriter } from '../batch/batch-writer.ts';
import type { MutableCounters } from '../counters.ts';
import { type ApiBatch, fillsCall, halves, settle, takeBatch, unaccepted } from './api-batch.ts';
import { createApiPause } from './api-pause.ts';
import { createFlushWaiters } from './flush-waiters.ts';
import type { SendQueue } from './send-queue.ts';
import type { Transport } from './transport.ts';

export interface ApiLoopOptions {
  readonly api: XRayApi;
  readonly batchWriter: BatchWriter;
  readonly queue: SendQueue;
  readonly counters: MutableCounters;
  readonly holdBytes: number;
  /** Sends without gathering, because the thread may be blocked after its task. */
  readonly flushOnTaskEnd: boolean;
  readonly dump: ((line: string) => void) | undefined;
  readonly now: () => number;
  readonly random?: (() => number) | undefined;
  /** Sends synchronously; for tests. */
  readonly sendFinally?: FinalSend | undefined;
}

/** Time that documents wait for more documents, as in the daemon. */
const GATHER_MS = 1_000;
/** Maximum number of concurrent calls. */
const MAX_CALLS = 4;
/** Number of waiting spans at which they are encoded immediately. */
const AHEAD_SPANS = 64;
/** Maximum wait of a flush, whatever the caller's timeout is. */
const FLUSH_MS = 5_000;
/** Maximum delay of the process exit. Nothing is sent with a deadline below the first value. */
const FINAL_MIN_MS = 1_000;
const FINAL_MS = 3_000;

/**
 * Sends documents to the X-Ray API in batches, with few concurrent calls. A failed batch is retried
 * after a pause; meanwhile, documents are held up to a limit in bytes.
 */
export class ApiLoop implements Transport {
  readonly #options: ApiLoopOptions;
  readonly #waiters = createFlushWaiters();
  readonly #pause: ReturnType<typeof createApiPause>;
  /** Sent, with no response yet. */
  readonly #calls = new Set<ApiBatch>();
  /** To be retried before new batches are sent. */
  #retries: ApiBatch[] = [];
  #timer: NodeJS.Timeout | undefined;
  #gatheringSinceMs: number | undefined;
  #isWriting = false;

  constructor(options: ApiLoopOptions) {
    this.#options = options;
    this.#pause = createApiPause(options.random ?? Math.random);
    // Documents that another transport failed to send.
    options.queue.rewind(Number.POSITIVE_INFINITY);
  }

  writeAhead(): void {
    if (this.#options.counters.queued >= AHEAD_SPANS) this.#writeAll();
    this.schedule();
  }

  schedule(): void {
    if (this.#timer !== undefined) return;
    const { flushOnTaskEnd } = this.#options;
    this.#timer = setTimeout(this.#run, flushOnTaskEnd ? 0 : GATHER_MS / 4).unref();
  }

  flush(timeoutMs: number): Promise<void> {
    const sent = this.whenSent(timeoutMs);
    this.#run();
    return sent;
  }

  whenSent(timeoutMs: number): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    const { batchWriter } = this.#options;
    const sent = this.#waiters.add(batchWriter.accepted, Math.min(timeoutMs, FLUSH_MS));
    this.schedule();
    return sent;
  }

  /**
   * Sends the remaining documents in a child process, because asynchronous calls are no longer
   * possible. Blocks for at most three seconds; with a short deadline it only starts the calls.
   */
  flushSync(deadlineMs: number): void {
    this.#writeAll();
    if (deadlineMs < FINAL_MIN_MS) {
      this.#run();
      return;
    }
    if (this.#pause.isDenied) return;
    const batches = [...this.#calls, ...this.#retries];
    this.#calls.clear();
    this.#retries = [];
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) batches.push(batch);
    if (batches.length === 0) return;
    const { api, counters, sendFinally: send = sendFinally } = this.#options;
    const documents = batches.map((batch) => batch.documents.map(({ text }) => text));
    const results = send(api.packagePath, documents, FINAL_MS, api.platformRegion);
    for (const [index, batch] of batches.entries()) {
      if (results[index]) settle(counters, batch.documents, 'sent');
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#options.api.close();
  }

  readonly #run = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writeAll();
    this.#dispatch();
    this.#resolveFlushes();
  };

  #isIdle(): boolean {
    const { queue } = this.#options;
    return queue.empty && this.#calls.size === 0 && this.#retries.length === 0;
  }

  /** Encodes everything. Drops the oldest documents beyond the limit. */
  #writeAll(): void {
    const { counters, holdBytes, queue } = this.#options;
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      while (!queue.allWritten) queue.writeNext();
    } finally {
      this.#isWriting = false;
    }
    counters.held += counters.written;
    counters.written = 0;
    if (queue.hasUnsent) this.#gatheringSinceMs ??= this.#options.now();
    if (queue.trim() === 0) return;
    warnOnce(
      `X-Ray rejects calls and the limit OTEL_XRAY_HOLD_BYTES=${holdBytes} is reached; dropping the oldest documents`,
      'hold-full',
    );
  }

  #dispatch(): void {
    const { now, queue } = this.#options;
    const nowMs = now();
    while (this.#calls.size < MAX_CALLS && nowMs >= this.#pause.untilMs) {
      const batch = this.#nextRetry(nowMs) ?? this.#nextNew();
      if (batch === undefined) break;
      this.#call(batch);
    }
    const isWaiting = this.#retries.length > 0 || queue.hasUnsent;
    if (isWaiting && this.#calls.size < MAX_CALLS && this.#timer === undefined) {
      this.#timer = setTimeout(this.#run, Math.max(1, this.#delayMs(nowMs))).unref();
    }
  }

  #nextRetry(nowMs: number): ApiBatch | undefined {
    const index = this.#retries.findIndex(({ notBeforeMs }) => notBeforeMs <= nowMs);
    return index < 0 ? undefined : this.#retries.splice(index, 1)[0];
  }

  /** Failed batches count as concurrent calls, which limits the documents outside the queue. */
  #nextNew(): ApiBatch | undefined {
    const isFull = this.#calls.size + this.#retries.length >= MAX_CALLS;
    return isFull || !this.#isBatchDue() ? undefined : this.#take();
  }

  /** Milliseconds until the next call may start. */
  #delayMs(nowMs: number): number {
    const times = this.#retries.map(({ notBeforeMs }) => notBeforeMs);
    if (this.#retries.length < MAX_CALLS && this.#options.queue.hasUnsent) {
      times.push(this.#isBatchDue() ? nowMs : (this.#gatheringSinceMs ?? nowMs) + GATHER_MS);
    }
    return Math.max(0, Math.max(Math.min(...times), this.#pause.untilMs) - nowMs);
  }

  #isBatchDue(): boolean {
    const { flushOnTaskEnd, now, queue } = this.#options;
    if (!queue.hasUnsent) return false;
    if (!this.#waiters.isEmpty || flushOnTaskEnd || fillsCall(queue.unsent)) return true;
    return now() - (this.#gatheringSinceMs ?? Number.NEGATIVE_INFINITY) >= GATHER_MS;
  }

  #take(): ApiBatch | undefined {
    const { counters, dump, queue } = this.#options;
    const batch = takeBatch(queue, counters, dump);
    this.#gatheringSinceMs = queue.hasUnsent ? this.#options.now() : undefined;
    return batch;
  }

  #call(batch: ApiBatch): void {
    const { api } = this.#options;
    this.#calls.add(batch);
    const texts = batch.documents.map(({ text }) => text);
    api.putTraceSegments(texts).then(
      (unprocessed) => this.#answered(batch, () => this.#succeeded(batch, unprocessed)),
      (error: unknown) => this.#answered(batch, () => this.#failed(batch, apiFailure(error))),
    );
  }

  #answered(batch: ApiBatch, handle: () => void): void {
    // The rest was sent at the end of the process.
    if (!this.#calls.delete(batch)) return;
    handle();
    this.#dispatch();
    this.#resolveFlushes();
  }

  #succeeded(batch: ApiBatch, unprocessed: Parameters<typeof unaccepted>[1]): void {
    const { counters } = this.#options;
    this.#pause.succeeded();
    resetOnce('X-Ray API');
    const { accepted, again, rejected } = unaccepted(batch, unprocessed);
    settle(counters, accepted, 'sent');
    settle(counters, rejected, 'rejected');
    for (const { errorCode, message } of unprocessed) {
      warnOnce(`X-Ray did not accept a document: ${errorCode}: ${message}`, `X-Ray ${errorCode}`);
    }
    if (again.length === 0) return;
    const text = 'documents were not processed';
    this.#again({ ...batch, documents: again }, { kind: 'retry', retryAfterMs: undefined, text });
  }

  #failed(batch: ApiBatch, failure: ApiFailure): void {
    const { counters } = this.#options;
    const { kind, text } = failure;
    counters.sendErrors[kind] = (counters.sendErrors[kind] ?? 0) + 1;
    if (kind !== 'too-large' && kind !== 'rejected') this.#again(batch, failure);
    else if (batch.documents.length > 1) this.#retries.push(...halves(batch));
    else {
      settle(counters, batch.documents, 'rejected');
      warnOnce(`X-Ray did not accept a document: ${text}`, `X-Ray ${kind}`);
    }
  }

  #again(batch: ApiBatch, failure: ApiFailure): void {
    const failures = batch.failures + 1;
    const notBeforeMs = this.#pause.failed(failure, failures, this.#options.now());
    this.#retries.push({ ...batch, failures, notBeforeMs });
    if (failures < 2 && failure.kind !== 'denied') return;
    const fix =
      failure.kind === 'denied' ? '; provide AWS credentials that allow xray:PutTraceSegments' : '';
    warnOnce(`PutTraceSegments failed: ${failure.text}${fix}; trying again`, 'X-Ray API');
  }

  /** Resolves the pending flushes if everything is sent, or if permissions are missing. */
  #resolveFlushes(): void {
    if (this.#waiters.isEmpty) return;
    if (this.#isIdle() || this.#pause.isDenied) {
      this.#waiters.resolve(this.#options.batchWriter.completed);
    }
  }
}
