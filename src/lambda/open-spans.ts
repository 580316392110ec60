import { type Context, createContextKey, type Span } from '@opentelemetry/api';
import type { TranslatableSpan } from '../translator/span.ts';

/** A running invocation. */
export interface OpenSpans {
  /** The handler's context object; identifies the invocation. */
  readonly of: { readonly awsRequestId?: unknown };
  /** Spans that have not ended, oldest first. */
  readonly spans: Set<TranslatableSpan>;
  finished: boolean;
}

/** The largest number of open spans tracked per invocation. */
const MAX_OPEN = 1_000;
const KEY = createContextKey('otel-xray lambda open spans');
const OWNER: unique symbol = Symbol('otel-xray invocation of a span');

/** A span with its invocation. Not an entry of a `WeakMap`, which takes longer in each garbage collection. */
interface OwnedSpan {
  [OWNER]?: OpenSpans;
}

/** Returns a context in which new spans are added to `open`. */
export function withOpenSpans(context: Context, open: OpenSpans): Context {
  return context.setValue(KEY, open);
}

/** Returns the invocation that a context belongs to. */
export function openSpansOf(context: Context): OpenSpans | undefined {
  return context.getValue(KEY) as OpenSpans | undefined;
}

/**
 * A span processor that tracks the open spans of each invocation. It relies on the context because a
 * process may run several invocations at once.
 */
export const openSpansProcessor: {
  onStart(span: Span, parentContext: Context): void;
  onEnd(span: TranslatableSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
} = {
  onStart(span, parentContext) {
    const open = openSpansOf(parentContext);
    if (open === undefined || !span.isRecording() || open.spans.size >= MAX_OPEN) return;
    open.spans.add(span as unknown as TranslatableSpan);
    (span as OwnedSpan)[OWNER] = open;
  },
  onEnd(span) {
    (span as OwnedSpan)[OWNER]?.spans.delete(span);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
