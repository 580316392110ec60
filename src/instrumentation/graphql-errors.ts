import type { Span } from '@opentelemetry/api';
import { MAX_ERRORS } from './graphql-data.ts';
import { recordOnce } from './request-errors.ts';

interface GraphQLError {
  readonly originalError?: unknown;
}

/**
 * Records errors of an operation that no resolver has recorded, such as a value that is missing or has the
 * wrong type.
 *
 * @param result of `execute`
 */
export function recordErrorsOf(span: Span, result: unknown): void {
  const { errors } = (result ?? {}) as { readonly errors?: unknown };
  if (!Array.isArray(errors)) return;
  for (const error of errors.slice(0, MAX_ERRORS) as readonly GraphQLError[]) {
    recordOnce(span, error.originalError ?? error);
  }
}
