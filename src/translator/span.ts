/**
 * A span as the translator reads it: the common part of `ReadableSpan` in OpenTelemetry SDK 1.x,
 * 2.x and 3.x, so that no SDK has to be imported.
 */
export interface TranslatableSpan {
  readonly name: string;
  /** OpenTelemetry API numbering: 0 INTERNAL, 1 SERVER, 2 CLIENT, 3 PRODUCER, 4 CONSUMER. */
  readonly kind: number;
  spanContext(): SpanIdentity;
  /** SDK 2.x and 3.x. */
  readonly parentSpanContext?: SpanIdentity | undefined;
  /** SDK 1.x, in which a parent is not known to be remote. */
  readonly parentSpanId?: string | undefined;
  readonly startTime: HighResolutionTime;
  readonly endTime: HighResolutionTime;
  /** Code: 0 UNSET, 1 OK, 2 ERROR. */
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: SpanAttributes;
  readonly links: readonly SpanLink[];
  readonly events: readonly SpanEvent[];
  readonly resource: { readonly attributes: SpanAttributes };
}

/** Values can be of any type: API 1.10 allows maps, bytes, mixed arrays and null. */
export type SpanAttributes = Readonly<Record<string, unknown>>;

/** `[seconds, nanoseconds]` since the epoch. */
export type HighResolutionTime = readonly [seconds: number, nanoseconds: number];

export interface SpanIdentity {
  readonly traceId: string;
  readonly spanId: string;
  readonly isRemote?: boolean | undefined;
}

export interface SpanLink {
  readonly context: SpanIdentity;
  readonly attributes?: SpanAttributes | undefined;
}

export interface SpanEvent {
  readonly name: string;
  readonly time: HighResolutionTime;
  readonly attributes?: SpanAttributes | undefined;
}
