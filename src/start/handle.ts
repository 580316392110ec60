import { warnOnce } from '../diagnostics.ts';
import type { ExporterCounters } from '../exporter/counters.ts';

/** A `SpanProcessor` of the app, of SDK 1.x, 2.x or 3.x. */
export interface AppSpanProcessor {
  onStart(span: never, parentContext: never): void;
  /** SDK 2.x and 3.x: the span can still be changed. */
  onEnding?(span: never): void;
  onEnd(span: never): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What `start` gives back; the same object when it is called again. */
export interface Started {
  /** Sends what is finished; resolves when it left or the time is up. Never rejects. */
  flush(): Promise<void>;
  /** Sends what is finished and stops. Never rejects. */
  shutdown(): Promise<void>;
  /** What was sent and lost so far; `undefined` when the exporter is not `xray`. */
  counters(): ExporterCounters | undefined;
  /**
   * Gives every span that starts from now on to a span processor of the app as well. One that lacks
   * a method is said once, and not used.
   */
  addSpanProcessor(processor: AppSpanProcessor): void;
}

const METHODS = ['onStart', 'onEnd', 'forceFlush', 'shutdown'] as const;

/** Whether it is one; what is none is said, and left out: every span would throw. */
export function isSpanProcessor(value: unknown): value is AppSpanProcessor {
  const members = Object(value) as { readonly [name: string]: unknown };
  const missing = METHODS.find((method) => typeof members[method] !== 'function');
  if (missing === undefined) return true;
  warnOnce(`a span processor is not used: it has no method ${missing}`);
  return false;
}
