import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Records an error as most instrumentations do. */
export function recordFailure(span: Span, error: unknown): void {
  span.recordException(error as Error);
  const message = (error as { readonly message?: unknown } | undefined)?.message;
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(typeof message === 'string' && { message }),
  });
}
