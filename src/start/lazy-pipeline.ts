import type { Span } from '@opentelemetry/api';
import type { EndedSpan } from '../exporter/processor.ts';
import type { FlushableProcessor } from '../resource/defer-export.ts';
import { type Lazy, lazy } from './lazy.ts';
import type { XRayPipeline } from './xray-pipeline.ts';

/** When the path could not be made: spans go nowhere. */
const NOWHERE: XRayPipeline = {
  exporter: { sendInProgress() {}, logCounters() {} },
  processor: {
    onStart() {},
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    flushSync() {},
    finalFlush() {},
    counters: () => undefined,
  },
  warmUp() {},
};

/** More spans than these are not kept open until there is time; the path is made at once. */
const MAX_PENDING_STARTS = 256;

export interface LazyPipeline extends Lazy<XRayPipeline> {
  /**
   * Makes the path when the first span ends, or in the turn of the event loop after it started. A
   * flush before that has nothing to do.
   */
  readonly processor: FlushableProcessor<EndedSpan>;
}

/**
 * The way to the daemon, made when it is needed: the translator and the socket are a third of the
 * code, and the socket brings four modules of Node with it. The first request does not wait for
 * them; they load while it waits for something.
 *
 * @param onStarted told of the first span, unless the path is made already
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
      // Sends what waits in it.
      void before?.processor.shutdown();
    },
    get value() {
      return path.value;
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
      forceFlush: () => path.value?.processor.forceFlush() ?? Promise.resolve(),
      // Made for it, if need be: a span that ends later has to find it shut.
      shutdown: () => path.get().processor.shutdown(),
      flushSync: (deadlineMs) => path.value?.processor.flushSync(deadlineMs),
      finalFlush(deadlineMs) {
        flushedForExit = true;
        path.value?.processor.finalFlush(deadlineMs);
      },
    },
  };
}
