import type { SpanContext } from '@opentelemetry/api';

/**
 * What the X-Ray header said beyond what a span context can hold, remembered by the identity of
 * the span context, which the SDK hands on as the parent of the spans it starts.
 *
 * The sets hang on the global object: the package may be loaded twice, as ESM and as CommonJS.
 */
interface SpanContextFlags {
  readonly rootOnly: WeakSet<SpanContext>;
  readonly deferred: WeakSet<SpanContext>;
}

const KEY = Symbol.for('otel-xray.span-context-flags.v1');
const holder = globalThis as { [KEY]?: SpanContextFlags };
holder[KEY] ??= { rootOnly: new WeakSet(), deferred: new WeakSet() };
const flags: SpanContextFlags = holder[KEY];

/** The header named no parent: the span id was made up and must not be written as `parent_id`. */
export function isRootOnly(spanContext: SpanContext): boolean {
  return flags.rootOnly.has(spanContext);
}

/** Nobody upstream decided about sampling: the rules here decide, for the same trace id. */
export function isDeferred(spanContext: SpanContext): boolean {
  return flags.deferred.has(spanContext);
}

export function flagRootOnly(spanContext: SpanContext): void {
  flags.rootOnly.add(spanContext);
}

export function flagDeferred(spanContext: SpanContext): void {
  flags.deferred.add(spanContext);
}
