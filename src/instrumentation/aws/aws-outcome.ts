import type { Span } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';

/** The AWS SDK's metadata about the HTTP exchange, on results and errors. */
interface Metadata {
  readonly requestId?: string;
  readonly httpStatusCode?: number;
  readonly extendedRequestId?: string;
}

interface ServiceError {
  readonly RequestId?: string;
  readonly extendedRequestId?: string;
  readonly $metadata?: Metadata;
}

/** Records a result. @returns the request id */
export function recordResult(span: Span, output: unknown): string | undefined {
  const metadata = (output as { readonly $metadata?: Metadata } | undefined)?.$metadata;
  recordMetadata(span, metadata);
  return metadata?.requestId;
}

/**
 * Records the error of a call and marks the span as failed.
 *
 * @param secret a string that must not be recorded, which services may repeat in their messages
 */
export function recordFailure(span: Span, thrown: unknown, secret: string | undefined): void {
  const { $metadata, RequestId, extendedRequestId } = (thrown ?? {}) as ServiceError;
  recordMetadata(span, {
    ...$metadata,
    ...(RequestId && { requestId: RequestId }),
    ...(extendedRequestId && { extendedRequestId }),
  });
  recordError(span, secret === undefined ? thrown : withoutSecret(thrown, secret));
}

function recordMetadata(span: Span, metadata: Metadata | undefined): void {
  const { requestId, httpStatusCode, extendedRequestId } = metadata ?? {};
  if (requestId) span.setAttribute('aws.request.id', requestId);
  if (httpStatusCode) span.setAttribute('http.response.status_code', httpStatusCode);
  if (extendedRequestId) span.setAttribute('aws.request.extended_id', extendedRequestId);
}

/** Returns a description of an error in which a text is masked. */
function withoutSecret(thrown: unknown, secret: string): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const masked = (text: string | undefined): string => (text ?? '').replaceAll(secret, '***');
  const { name, message, stack } = thrown;
  return { name, message: masked(message), stack: masked(stack) };
}
