import type { Span } from '@opentelemetry/api';
import type { EndedSpan } from '../exporter/processor.ts';
import type { FlushableProcessor } from '../resource/defer-export.ts';
import { type Late, late } from './lazy.ts';
import type { XRayPath } from './xray-pipeline.ts';

/** When the path could not be made: spans go nowhere. */
const NOWHERE: XRayPath = {
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
  rehearse() {},
};

/** More spans than these are not kept open until there is time; the path is made at once. */
const MAX_STARTED = 256;

export interface LatePath extends Late<XRayPath> {
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
export function latePath(
  make: () => XRayPath,
  onStarted: (path: Late<XRayPath>, span: Span) => void,
): LatePath {
  let ending = false;
  let started: Parameters<XRayPath['processor']['onStart']>[] = [];
  const path = late(() => {
    const made = make();
    for (const [span, parentContext] of started) made.processor.onStart(span, parentContext);
    started = [];
    if (ending) made.processor.finalFlush(0);
    return made;
  }, NOWHERE);
  return {
    get: path.get,
    get made() {
      return path.made;
    },
    processor: {
      onStart(span, parentContext) {
        if (path.made !== undefined || started.length >= MAX_STARTED) {
          path.get().processor.onStart(span, parentContext);
          return;
        }
        started.push([span, parentContext]);
        if (started.length === 1) onStarted(path, span);
      },
      onEnd: (span) => path.get().processor.onEnd(span),
      forceFlush: () => path.made?.processor.forceFlush() ?? Promise.resolve(),
      // Made for it, if need be: a span that ends later has to find it shut.
      shutdown: () => path.get().processor.shutdown(),
      flushSync: (deadlineMs) => path.made?.processor.flushSync(deadlineMs),
      finalFlush(deadlineMs) {
        ending = true;
        path.made?.processor.finalFlush(deadlineMs);
      },
    },
  };
}
