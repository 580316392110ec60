import type { SpanContext } from '@opentelemetry/api';

/**
 * Facts of an X-Ray header that a span context has no field for. They are properties of the span context,
 * which the SDK keeps as the parent of the spans that it starts: every request behind a load balancer has
 * the first two, and with each entry of a `WeakSet`, a garbage collection takes longer.
 *
 * The keys are registered symbols because the package may be loaded twice, as ESM and as CommonJS, or in a
 * bundled function beside `register`.
 */
const ROOT_ONLY: unique symbol = Symbol.for('otel-xray.root-only.v1');
const DEFERRED: unique symbol = Symbol.for('otel-xray.deferred.v1');
const OF_INVOCATION: unique symbol = Symbol.for('otel-xray.lambda.is-invocation.v1');

interface FlaggedSpanContext extends SpanContext {
  [ROOT_ONLY]?: true;
  [DEFERRED]?: true;
  [OF_INVOCATION]?: true;
}

/** Returns whether the header named no parent. The span id is then random and never written as `parent_id`. */
export function isRootOnly(spanContext: SpanContext): boolean {
  return (spanContext as FlaggedSpanContext)[ROOT_ONLY] === true;
}

/** Returns whether no caller has made a sampling decision. The local sampler then decides for the trace. */
export function isDeferred(spanContext: SpanContext): boolean {
  return (spanContext as FlaggedSpanContext)[DEFERRED] === true;
}

/** Returns whether Lambda provided this parent for an invocation. */
export function isInvocationParent(spanContext: object): boolean {
  return (spanContext as FlaggedSpanContext)[OF_INVOCATION] === true;
}

/** @param spanContext one that this package has made */
export function flagRootOnly(spanContext: SpanContext): void {
  (spanContext as FlaggedSpanContext)[ROOT_ONLY] = true;
}

/** @param spanContext one that this package has made */
export function flagDeferred(spanContext: SpanContext): void {
  (spanContext as FlaggedSpanContext)[DEFERRED] = true;
}

/** @param spanContext one that this package has made */
export function flagInvocationParent(spanContext: SpanContext): void {
  (spanContext as FlaggedSpanContext)[OF_INVOCATION] = true;
}
