import type { Span } from '@opentelemetry/api';

/** What the helpers recorded on a span, so that another call adds to it instead of replacing it. */
export interface SpanNotes {
  /** Keys listed in `aws.xray.annotations`, in order of their first call. */
  readonly annotated: string[];
  /** Namespace → key → JSON text. */
  metadata?: Map<string, Map<string, string>>;
  /** The most recently recorded error. */
  lastError?: unknown;
}

/** A property of the span; much cheaper than an entry of a WeakMap. */
const NOTES: unique symbol = Symbol('otel-xray notes');

interface NotedSpan extends Span {
  [NOTES]?: SpanNotes;
}

/** Returns the notes of a span. They start with the annotation keys that the application set itself. */
export function notesOf(span: Span): SpanNotes {
  const known = (span as NotedSpan)[NOTES];
  if (known !== undefined) return known;
  const listed = attributesOf(span)['aws.xray.annotations'];
  const notes: SpanNotes = {
    annotated: Array.isArray(listed) ? [...new Set(listed.filter(isText))] : [],
  };
  (span as NotedSpan)[NOTES] = notes;
  return notes;
}

/** Returns the attributes of a span of SDK 1.x, 2.x or 3.x. */
export function attributesOf(span: Span): Readonly<Record<string, unknown>> {
  const { attributes } = span as { attributes?: unknown };
  return typeof attributes === 'object' && attributes !== null
    ? (attributes as Record<string, unknown>)
    : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
