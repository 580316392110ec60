import type { SpanContext } from '@opentelemetry/api';

/**
 * Facts of an X-Ray header that a span context has no field for, keyed by the span context object.
 * The SDK keeps that object as the parent of the spans that it starts.
 *
 * The sets are properties of the global object because the package may be loaded twice, as ESM and
 * as CommonJS.
 */
interface SpanContextFlags {
  readonly rootOnly: WeakSet<SpanContext>;
  readonly deferred: WeakSet<SpanContext>;
}

const KEY = Symbol.for('otel-xray.span-context-flags.v1');
const holder = globalThis as { [KEY]?: SpanContextFlags };
holder[KEY] ??= { rootOnly: new WeakSet(), deferred: new WeakSet() };
const flags: SpanContextFlags = holder[KEY];

/** Returns whether the header named no parent. The span id is then random and never written as `parent_id`. */
export function isRootOnly(spanContext: SpanContext): boolean {
  return flags.rootOnly.has(spanContext);
}

/** Returns whether no caller has made a sampling decision. The local sampler then decides for the trace. */
export function isDeferred(spanContext: SpanContext): boolean {
  return flags.deferred.has(spanContext);
}

export function flagRootOnly(spanContext: SpanContext): void {
  flags.rootOnly.add(spanContext);
}

export function flagDeferred(spanContext: SpanContext): void {
  flags.deferred.add(spanContext);
}
