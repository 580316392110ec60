import { type Context, createContextKey, type Span } from '@opentelemetry/api';
import type { TranslatableSpan } from '../translator/span.ts';

/** One invocation while it runs. */
export interface OpenSpans {
  /** The handler's context object, which tells this invocation from others. */
  readonly of: { readonly awsRequestId?: unknown };
  /** Spans that have not ended, oldest first. */
  readonly spans: Set<TranslatableSpan>;
  finished: boolean;
}

/** More than these are not followed; in-progress documents are an aid, not a ledger. */
const MAX_OPEN = 1_000;
const KEY = createContextKey('otel-xray lambda open spans');
const owners = new WeakMap<object, OpenSpans>();

/** A context in which the spans that start are noted in `open`. */
export function withOpenSpans(context: Context, open: OpenSpans): Context {
  return context.setValue(KEY, open);
}

/** What {@link withOpenSpans} put there: the invocation that the running code belongs to. */
export function openSpansOf(context: Context): OpenSpans | undefined {
  return context.getValue(KEY) as OpenSpans | undefined;
}

/**
 * A span processor that notes which spans of an invocation are open.
 *
 * By the context and not by the process: several invocations may run at once.
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
    owners.set(span, open);
  },
  onEnd(span) {
    owners.get(span)?.spans.delete(span);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
