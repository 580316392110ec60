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

/** Lets a span fail without a cause of its own, because another span has it. */
export function failWithoutCause(span: Span): void {
  const { setAttribute, setStatus } = span;
  span.setStatus = ({ code }) => setStatus.call(span, { code });
  // Without an exception, the type alone would be one.
  span.setAttribute = (key, value) =>
    key === 'error.type' ? span : setAttribute.call(span, key, value);
}
