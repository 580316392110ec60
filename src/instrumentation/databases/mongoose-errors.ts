import type { Span } from '@opentelemetry/api';
import { LAYER } from '../spans/layer-mark.ts';

/**
 * Marks the span of an operation that failed before the driver got a command, such as one whose
 * document is not valid: the database had no part in it. Errors of the driver and time-outs of the
 * connection (`MongooseError`) are those of the database, which may be the only sign of it.
 */
export function markLocalFailure(span: Span, error: unknown): void {
  const { name } = (error ?? {}) as { readonly name?: unknown };
  if (!/^Mongo/.test(String(name))) span.setAttribute(LAYER, true);
}
