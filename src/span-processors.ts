import { warnOnce } from './diagnostics.ts';

/** A `SpanProcessor` of the app, written for SDK 1.x, 2.x or 3.x. */
export interface AppSpanProcessor {
  onStart(span: never, parentContext: never): void;
  /** SDK 2.x and 3.x: called before the span ends, while it can still be changed. */
  onEnding?(span: never): void;
  onEnd(span: never): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

const METHODS = ['onStart', 'onEnd', 'forceFlush', 'shutdown'] as const;

/**
 * Returns whether a value has the methods of a span processor. If not, logs one warning: a provider that
 * called it would throw at every span.
 */
export function isSpanProcessor(value: unknown): value is AppSpanProcessor {
  const members = Object(value) as { readonly [name: string]: unknown };
  const missing = METHODS.find((method) => typeof members[method] !== 'function');
  if (missing === undefined) return true;
  warnOnce(`a span processor without a method ${missing}() is ignored`);
  return false;
}
