import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { recordingSpan } from './context-missing.ts';
import { exceptionAttributes } from './exception.ts';
import { notesOf } from './span-notes.ts';

/** Options of {@link addError}. */
export interface ErrorOptions {
  /** Whether the called service returned the error. X-Ray shows such errors as remote. */
  readonly remote?: boolean;
}

/**
 * Records an error on the span and marks it as failed.
 *
 * X-Ray shows type, message and stack of the error and of its chain of `cause`s. If the same error
 * is recorded twice in a row on one span, it is kept once. A span with an HTTP status of 400 to 499
 * becomes an *error*, any other a *fault*.
 *
 * Never throws, except outside a trace with `AWS_XRAY_CONTEXT_MISSING=RUNTIME_ERROR`.
 *
 * @param error any thrown value
 * @param span the span to record on; default: the active span
 * @example
 * try { await pay() } catch (error) { addError(error, { remote: true }); return fallback }
 */
export function addError(error: unknown, options?: ErrorOptions, span?: Span): void {
  const target = recordingSpan(span, addError);
  if (target !== undefined) recordError(target, error, options);
}

/** Records an error on a span. Does nothing if the span is not recording. */
export function recordError(span: Span, error: unknown, options: ErrorOptions = {}): void {
  attempt('recording an error', () => {
    const attributes = noteError(span, error, options);
    if (attributes === undefined) return;
    const message = attributes['exception.message'];
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(typeof message === 'string' ? { message } : {}),
    });
  });
}

/**
 * Records an error that the application handles: the status of its response decides whether the span
 * failed.
 */
export function recordHandledError(span: Span, error: unknown): void {
  attempt('recording an error', () => void noteError(span, error, {}));
}

/** @returns `undefined` if the span is not recording, or if this was its last error already */
function noteError(span: Span, error: unknown, { remote }: ErrorOptions): Attributes | undefined {
  if (!span.isRecording()) return undefined;
  const notes = notesOf(span);
  if ('lastError' in notes && notes.lastError === error) return undefined;
  notes.lastError = error;
  const attributes = exceptionAttributes(error);
  if (remote !== undefined) attributes['aws.xray.exception.remote'] = remote;
  span.addEvent('exception', attributes);
  return attributes;
}
