import type { EndedSpan } from '../exporter/processor.ts';
import type { FlushableProcessor } from '../resource/hold.ts';
import { type Late, late } from './late.ts';
import type { XRayPath } from './xray-path.ts';

/** When the path could not be made: spans go nowhere. */
const NOWHERE: XRayPath = {
  exporter: { sendInProgress() {}, sayCounters() {} },
  processor: {
    onStart() {},
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    flushSync() {},
    flushAtLast() {},
    counters: () => undefined,
  },
};

export interface LatePath extends Late<XRayPath> {
  /** Makes the path when the first span starts; a flush before that has nothing to do. */
  readonly processor: FlushableProcessor<EndedSpan>;
}

/**
 * The way to the daemon, made when the first span starts: the translator and the socket are a third
 * of the code, and the socket brings four modules of Node with it.
 */
export function latePath(make: () => XRayPath): LatePath {
  let ending = false;
  const path = late(() => {
    const made = make();
    if (ending) made.processor.flushAtLast(0);
    return made;
  }, NOWHERE);
  return {
    get: path.get,
    get made() {
      return path.made;
    },
    processor: {
      onStart: (span, parentContext) => path.get().processor.onStart(span, parentContext),
      onEnd: (span) => path.get().processor.onEnd(span),
      forceFlush: () => path.made?.processor.forceFlush() ?? Promise.resolve(),
      // Made for it, if need be: a span that ends later has to find it shut.
      shutdown: () => path.get().processor.shutdown(),
      flushSync: (deadlineMs) => path.made?.processor.flushSync(deadlineMs),
      flushAtLast(deadlineMs) {
        ending = true;
        path.made?.processor.flushAtLast(deadlineMs);
      },
    },
  };
}
