import type { Context, Span } from '@opentelemetry/api';
import { keepAlive } from '../keep-alive.ts';

/** A span processor that can also send synchronously. */
export interface FlushableProcessor<S> {
  onStart(span: Span, parentContext: Context): void;
  onEnd(span: S): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  flushSync(deadlineMs?: number): void;
  /** Like `flushSync`, at the exit of the process: spans that end later are sent at once. */
  finalFlush?(deadlineMs?: number): void;
  /** Exports spans of a request that was not sampled, e.g. because of an anomaly. */
  exportUnsampled?(spans: readonly S[]): void;
}

/** The part of an SDK resource that tells whether something is still missing. */
export interface PendingResource {
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

/** With more waiting spans than this, all are exported with the attributes known so far. */
const MAX_DEFERRED = 512;

/**
 * Buffers the first ended spans until the resource is complete, and then passes them on.
 *
 * The metadata services are queried when the first span has ended. An application without spans
 * sends no requests, and the start never waits. Buffering ends when the resource is complete (after
 * two seconds at most), when the buffer is full, or when the process exits.
 *
 * @param onResolved called once when the resource is complete, before the spans are passed on
 * @param limit number of spans at which the buffer is full and is passed on
 */
export function deferExport<S>(
  inner: FlushableProcessor<S>,
  resource: PendingResource,
  onResolved: () => void = () => {},
  limit: number = MAX_DEFERRED,
): FlushableProcessor<S> {
  const deferred: S[] = [];
  const unsampled: (readonly S[])[] = [];
  let waiting: Promise<void> | undefined;
  let gaveUp = false;

  const release = (): void => {
    for (const span of deferred.splice(0)) inner.onEnd(span);
    for (const spans of unsampled.splice(0)) inner.exportUnsampled?.(spans);
  };
  const waitForResource = (): Promise<void> => {
    waiting ??= (resource.waitForAsyncAttributes?.() ?? Promise.resolve())
      .then(onResolved)
      .then(release, release);
    return waiting;
  };

  const afterResource = async (work: () => Promise<void>): Promise<void> => {
    if (deferred.length + unsampled.length > 0) await waitForResource();
    await work();
  };

  return {
    onStart: (span, parentContext) => inner.onStart(span, parentContext),
    onEnd(span) {
      if (gaveUp || resource.asyncAttributesPending !== true) {
        // The resource is complete, but earlier spans have not been passed on yet.
        if (deferred.length > 0) release();
        inner.onEnd(span);
        return;
      }
      deferred.push(span);
      waitForResource();
      if (deferred.length < limit) return;
      gaveUp = true;
      release();
    },
    exportUnsampled(spans) {
      if (gaveUp || resource.asyncAttributesPending !== true || unsampled.length >= limit) {
        inner.exportUnsampled?.(spans);
        return;
      }
      unsampled.push(spans);
      waitForResource();
    },
    forceFlush: () => keepAlive(afterResource(() => inner.forceFlush())),
    shutdown: () => keepAlive(afterResource(() => inner.shutdown())),
    flushSync(deadlineMs) {
      release();
      inner.flushSync(deadlineMs);
    },
    finalFlush(deadlineMs) {
      gaveUp = true;
      release();
      if (inner.finalFlush === undefined) inner.flushSync(deadlineMs);
      else inner.finalFlush(deadlineMs);
    },
  };
}
