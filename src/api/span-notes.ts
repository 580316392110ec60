import type { Span } from '@opentelemetry/api';

/** What the helpers have put on one span, so that a second call adds to it instead of replacing it. */
export interface SpanNotes {
  /** Keys listed in `aws.xray.annotations`, in order of their first call. */
  readonly annotated: Set<string>;
  /** Namespace → key → JSON text. */
  readonly metadata: Map<string, Map<string, string>>;
  /** The error recorded last. */
  lastError?: unknown;
}

/** On the span itself: it dies with it, at a fraction of what an entry of a WeakMap costs. */
const NOTES: unique symbol = Symbol('otel-xray notes');

interface NotedSpan extends Span {
  [NOTES]?: SpanNotes;
}

/** The notes of a span; starts with the annotation keys the app had set by itself. */
export function notesOf(span: Span): SpanNotes {
  const known = (span as NotedSpan)[NOTES];
  if (known !== undefined) return known;
  const listed = attributesOf(span)['aws.xray.annotations'];
  const notes: SpanNotes = {
    annotated: new Set(Array.isArray(listed) ? listed.filter(isText) : []),
    metadata: new Map(),
  };
  (span as NotedSpan)[NOTES] = notes;
  return notes;
}

/** The attributes of a span of any SDK that shows them (1.x, 2.x and 3.x do). */
export function attributesOf(span: Span): Readonly<Record<string, unknown>> {
  const { attributes } = span as { attributes?: unknown };
  return typeof attributes === 'object' && attributes !== null
    ? (attributes as Record<string, unknown>)
    : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
