import { type Attributes, SpanKind, trace } from '@opentelemetry/api';
import { attributesOf } from '../api/span-notes.ts';

/** Attributes of calls to models, and to databases that have an HTTP interface. */
const CALLS = [
  'gen_ai.provider.name',
  'gen_ai.system',
  'gen_ai.operation.name',
  'db.system.name',
  'db.system',
] as const;

const TRANSPORT: Attributes = { 'aws.xray.transport': true };

/**
 * Returns what marks an HTTP request as part of the call around it, such as that of a model or of
 * Elasticsearch, whose span stands for the remote service.
 *
 * @see docs/spec/translation.md section 2.5, B-54
 */
export function transportAttributes(): Attributes | undefined {
  const around = trace.getActiveSpan() as { readonly kind?: unknown } | undefined;
  if (around?.kind !== SpanKind.CLIENT) return undefined;
  const attributes = attributesOf(around as never);
  return CALLS.some((name) => name in attributes) ? TRANSPORT : undefined;
}
