import type { Span } from '@opentelemetry/api';
import type { EndedSpan } from '../exporter/processor.ts';
import type { FlushableProcessor } from '../resource/defer-export.ts';
import { type Lazy, lazy } from './lazy.ts';
import type { XRayPipeline } from './xray-pipeline.ts';

/** Drops all spans; used if the pipeline cannot be created. */
const NOWHERE: XRayPipeline = {
  exporter: { sendInProgress() {}, logCounters() {} },
  processor: {
    onStart() {},
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    flushSync() {},
    finalFlush() {},
    exportUnsampled() {},
    counters: () => undefined,
    sendOpen() {},
    openSpansOf: () => [],
  },
  warmUp() {},
};

/** With more open spans than this, the pipeline is created at once. */
const MAX_PENDING_STARTS = 256;

export interface LazyPipeline extends Lazy<XRayPipeline> {
  /**
   * Creates the pipeline when the first span ends, or in the turn of the event loop after its start.
   * A flush before that has nothing to do.
   */
  readonly processor: FlushableProcessor<EndedSpan>;
  /** The pipeline if a span has started, which is then created if necessary. */
  readonly used: XRayPipeline | undefined;
}

/**
 * Returns the export pipeline, created on first use: translator and socket are a third of the code,
 * and the socket loads four Node.js modules. They load while the first request waits for I/O, so
 * they do not delay it.
 *
 * @param onStarted called with the first span, unless the pipeline exists already
 */
export function lazyPipeline(
  make: () => XRayPipeline,
  onStarted: (path: Lazy<XRayPipeline>, span: Span) => void,
): LazyPipeline {
  let flushedForExit = false;
  let pendingStarts: Parameters<XRayPipeline['processor']['onStart']>[] = [];
  const withPending = (make: () => XRayPipeline) => (): XRayPipeline => {
    const made = make();
    for (const [span, parentContext] of pendingStarts) made.processor.onStart(span, parentContext);
    pendingStarts = [];
    if (flushedForExit) made.processor.finalFlush(0);
    return made;
  };
  const path = lazy(withPending(make), NOWHERE);
  return {
    get: path.get,
    replace(next) {
      const before = path.value;
      path.replace(withPending(next));
      // Sends its queued spans.
      void before?.processor.shutdown();
    },
    get value() {
      return path.value;
    },
    get used() {
      return pendingStarts.length > 0 ? path.get() : path.value;
    },
    processor: {
      onStart(span, parentContext) {
        if (path.value !== undefined || pendingStarts.length >= MAX_PENDING_STARTS) {
          path.get().processor.onStart(span, parentContext);
          return;
        }
        pendingStarts.push([span, parentContext]);
        if (pendingStarts.length === 1) onStarted(path, span);
      },
      onEnd: (span) => path.get().processor.onEnd(span),
      exportUnsampled: (spans) => path.get().processor.exportUnsampled(spans),
      forceFlush: () => path.value?.processor.forceFlush() ?? Promise.resolve(),
      // Created for this if necessary: a span that ends later must find it closed.
      shutdown: () => path.get().processor.shutdown(),
      flushSync: (deadlineMs) => path.value?.processor.flushSync(deadlineMs),
      finalFlush(deadlineMs) {
        flushedForExit = true;
        path.value?.processor.finalFlush(deadlineMs);
      },
    },
  };
}
