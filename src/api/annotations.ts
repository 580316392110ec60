import type { Span } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { recordingSpan, warnAt } from './context-missing.ts';
import { jsonText } from './json.ts';
import { localRootOf } from './local-root.ts';
import { attributesOf, notesOf } from './span-notes.ts';

/** Lists the attributes that become annotations (docs/spec/translation.md section 8.3). */
const ANNOTATIONS = 'aws.xray.annotations';
/** Prefix of attributes that contain a metadata namespace as JSON (docs/spec/translation.md section 8.2). */
const METADATA = 'aws.xray.metadata.';

/** Types that X-Ray can index. */
export type AnnotationValue = string | number | boolean;

/**
 * Adds an annotation: a value that X-Ray indexes, so that `annotation.key = "value"` finds the
 * trace.
 *
 * Sets the attribute `key` on the span and lists it in `aws.xray.annotations`. A second call with
 * the same key replaces the value. X-Ray indexes up to 50 annotations per trace.
 *
 * Never throws, except outside a trace with `AWS_XRAY_CONTEXT_MISSING=RUNTIME_ERROR`.
 *
 * @param key letters, digits, `_` and `.`; any other character becomes `_` in X-Ray
 * @param value a string (X-Ray keeps 1,000 characters), number or boolean; other types are not
 *   recorded and log one warning per call site
 * @param span the span to annotate; default: the active span
 * @example
 * addAnnotation('customer_tier', 'gold')
 */
export function addAnnotation(key: string, value: AnnotationValue, span?: Span): void {
  const target = recordingSpan(span, addAnnotation);
  if (target === undefined) return;
  const scalar = annotationValue(value);
  if (scalar === undefined || typeof key !== 'string' || key.trim() === '') {
    warnAt(
      addAnnotation,
      `addAnnotation(${JSON.stringify(String(key))}) got ${describe(value)}: a key and a string, number or boolean are needed; addMetadata() takes objects`,
    );
    return;
  }
  attempt('addAnnotation', () => {
    notesOf(target);
    target.setAttribute(key, scalar);
    listAnnotations(target, [key]);
  });
}

/**
 * Makes annotations of attributes that a span has: lists them together, which copies the list once.
 *
 * Never throws. Does nothing if the span is not recording.
 */
export function annotateAttributes(span: Span, keys: readonly string[]): void {
  if (span.isRecording()) attempt('addAnnotation', () => listAnnotations(span, keys));
}

function listAnnotations(target: Span, keys: readonly string[]): void {
  const { annotated } = notesOf(target);
  const added = keys.filter((key) => !annotated.includes(key));
  if (added.length === 0 && (keys.length === 0 || ANNOTATIONS in attributesOf(target))) return;
  annotated.push(...added);
  target.setAttribute(ANNOTATIONS, [...annotated]);
}

/**
 * Adds metadata: any JSON value, shown with the trace but not indexed.
 *
 * Stored in the attribute `aws.xray.metadata.<namespace>` as one JSON object per namespace. The
 * value is copied when the function is called. A second call with the same key replaces the value.
 *
 * Never throws, except outside a trace with `AWS_XRAY_CONTEXT_MISSING=RUNTIME_ERROR`.
 *
 * @param key any text
 * @param value any JSON value; errors, maps, sets and bigints are converted to a readable form, circular
 *   references are cut, `undefined` and functions are not recorded
 * @param namespace groups keys in the console; default: `default`
 * @param span the span to add to; default: the active span
 * @example
 * addMetadata('cart', { items: 3, total: 59.9 }, 'shop')
 */
export function addMetadata(
  key: string,
  value: unknown,
  namespace: string = 'default',
  span?: Span,
): void {
  const target = recordingSpan(span, addMetadata);
  if (target === undefined) return;
  attempt('addMetadata', () => {
    const text = jsonText(value);
    if (text === undefined) return;
    const notes = notesOf(target);
    notes.metadata ??= new Map();
    const { metadata } = notes;
    const entries = metadata.get(namespace) ?? entriesOf(target, namespace);
    metadata.set(namespace, entries.set(String(key), text));
    const pairs = Array.from(entries, ([name, json]) => `${JSON.stringify(name)}:${json}`);
    target.setAttribute(METADATA + namespace, `{${pairs.join(',')}}`);
  });
}

/**
 * Sets the user of the request, which X-Ray shows and can search (`user = "id"`).
 *
 * Sets the attribute `enduser.id` on the segment: X-Ray ignores the user of a subsegment.
 * Use an id, not a name or an email address, because the value is sent to X-Ray.
 *
 * Never throws, except outside a trace with `AWS_XRAY_CONTEXT_MISSING=RUNTIME_ERROR`.
 *
 * @param id truncated to 250 characters
 * @param span a span of the request; default: the active span
 */
export function setUser(id: string | number, span?: Span): void {
  const target = recordingSpan(span, setUser);
  if (target === undefined) return;
  attempt('setUser', () => localRootOf(target).setAttribute('enduser.id', String(id)));
}

/** Returns the entries of a namespace that the application set through the attribute itself. */
function entriesOf(span: Span, namespace: string): Map<string, string> {
  const text = attributesOf(span)[METADATA + namespace];
  if (typeof text !== 'string') return new Map();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
    return new Map(Object.entries(value).map(([key, entry]) => [key, JSON.stringify(entry)]));
  } catch {
    return new Map();
  }
}

/** Converts a value to an annotation value. Dates and bigints have one obvious form. */
function annotationValue(value: unknown): AnnotationValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    default:
      return value instanceof Date && !Number.isNaN(value.getTime())
        ? value.toISOString()
        : undefined;
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : typeof value;
}
