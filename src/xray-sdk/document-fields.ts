import type { Span } from '@opentelemetry/api';
import { type AnnotationValue, addAnnotation, addMetadata } from '../api/annotations.ts';
import { recordError } from '../api/errors.ts';
import { jsonText } from '../api/json.ts';
import { attempt } from '../attempt.ts';

/** Attribute with fields of an X-Ray document that the translator copies. */
export const DOCUMENT_FIELDS = 'aws.xray.document_fields';

/** An error that the app added. */
export interface RecordedError {
  readonly error: unknown;
  readonly remote: boolean;
}

/** The fields of a segment document that an app may set on a segment or subsegment. */
export interface DocumentFields {
  annotations?: Record<string, AnnotationValue>;
  metadata?: Record<string, Record<string, unknown>>;
  user?: string;
  http?: object;
  aws?: object;
  sql?: object;
  service?: object;
  namespace?: string;
  origin?: string;
  precursor_ids?: string[];
  traced?: boolean;
  error?: boolean;
  fault?: boolean;
  throttle?: boolean;
}

/** Fields that are copied into the document. The others have a helper or an attribute. */
const COPIED_FIELDS = [
  'http',
  'aws',
  'sql',
  'service',
  'namespace',
  'origin',
  'traced',
  'error',
  'fault',
  'throttle',
] as const satisfies readonly (keyof DocumentFields)[];

/**
 * Copies what the app recorded to the span, so that its document has the same fields as with the
 * X-Ray SDK.
 *
 * Called once, before the span ends. Until then, the app may write to the fields.
 */
export function applyFields(
  fields: DocumentFields,
  errors: readonly RecordedError[],
  span: Span,
): void {
  if (!span.isRecording()) return;
  for (const { error, remote } of errors) recordError(span, error, { remote });
  for (const [key, value] of Object.entries(fields.annotations ?? {})) {
    addAnnotation(key, value, span);
  }
  for (const [namespace, entries] of Object.entries(fields.metadata ?? {})) {
    for (const [key, value] of Object.entries(entries)) addMetadata(key, value, namespace, span);
  }
  attempt('writing the fields of a segment', () => {
    for (const spanId of fields.precursor_ids ?? []) {
      span.addLink({ context: { ...span.spanContext(), spanId } });
    }
    if (fields.user !== undefined) span.setAttribute('enduser.id', String(fields.user));
    const given = COPIED_FIELDS.filter((name) => fields[name] !== undefined);
    if (given.length === 0) return;
    const text = jsonText(Object.fromEntries(given.map((name) => [name, fields[name]])));
    if (text !== undefined) span.setAttribute(DOCUMENT_FIELDS, text);
  });
}
