import type { SpanContext } from '@opentelemetry/api';

/**
 * What the X-Ray header said beyond what a span context can hold, remembered by the identity of
 * the span context, which the SDK hands on as the parent of the spans it starts.
 *
 * The sets hang on the global object: the package may be loaded twice, as ESM and as CommonJS.
 */
interface Marks {
  readonly rootOnly: WeakSet<SpanContext>;
  readonly deferred: WeakSet<SpanContext>;
}

const KEY = Symbol.for('otel-xray.marks.v1');
const holder = globalThis as { [KEY]?: Marks };
holder[KEY] ??= { rootOnly: new WeakSet(), deferred: new WeakSet() };
const marks: Marks = holder[KEY];

/** The header named no parent: the span id was made up and must not be written as `parent_id`. */
export function isRootOnly(spanContext: SpanContext): boolean {
  return marks.rootOnly.has(spanContext);
}

/** Nobody upstream decided about sampling: the rules here decide, for the same trace id. */
export function isDeferred(spanContext: SpanContext): boolean {
  return marks.deferred.has(spanContext);
}

export function markRootOnly(spanContext: SpanContext): void {
  marks.rootOnly.add(spanContext);
}

export function markDeferred(spanContext: SpanContext): void {
  marks.deferred.add(spanContext);
}
