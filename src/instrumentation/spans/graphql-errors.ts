import type { Span } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { HANDLER_STATUS } from '../../translator/context/handler-status.ts';
import { MAX_ERRORS } from './graphql-data.ts';
import { recordOnce } from './request-errors.ts';

/** An error of an operation; `extensions` are part of the response. */
interface GraphQLError {
  readonly originalError?: unknown;
  /** The exceptions of Nest have this method, and the property. */
  readonly getStatus?: unknown;
  readonly status?: unknown;
  readonly extensions?: {
    readonly code?: unknown;
    readonly http?: { readonly status?: unknown };
  };
}

/** Codes of Apollo for errors of the client that a resolver throws. */
const CLIENT_CODES: ReadonlySet<unknown> = new Set([
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'UNAUTHENTICATED',
]);

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
    recordOnce(span, error.originalError ?? error, (target, recorded) => {
      recordError(target, recorded);
      noteStatus(target, statusOf(recorded) === undefined ? error : recorded);
    });
  }
}

const statuses = new WeakMap<Span, number>();

/**
 * Sets the status that the response has for an error, so that an error of the client is none of the
 * service. The highest status of a span counts.
 */
export function noteStatus(span: Span, error: unknown): void {
  const status = Math.max(statusOf(error) ?? 500, statuses.get(span) ?? 0);
  statuses.set(span, status);
  span.setAttribute(HANDLER_STATUS, status);
}

/** Never throws: an app can throw objects whose properties cannot be read. */
function statusOf(error: unknown): number | undefined {
  try {
    const { extensions, getStatus, status: own } = Object(error) as GraphQLError;
    const status = typeof getStatus === 'function' ? own : extensions?.http?.status;
    if (typeof status === 'number' && status >= 400 && status <= 599) return status;
    return CLIENT_CODES.has(extensions?.code) ? 400 : undefined;
  } catch {
    return undefined;
  }
}
