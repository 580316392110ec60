import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { recordingSpan } from './context-missing.ts';
import { exceptionAttributes } from './exception.ts';
import { notesOf } from './span-notes.ts';

/** How {@link addError} records. */
export interface ErrorOptions {
  /** The error came from the service that was called; X-Ray shows it so. */
  readonly remote?: boolean;
}

/**
 * Records an error on the span and marks it as failed.
 *
 * X-Ray shows type, message and stack of the error and of its chain of `cause`s. The same error
 * recorded twice in a row on one span is kept once. A span with an HTTP status of 400 to 499
 * becomes an *error*, any other a *fault*.
 *
 * Never throws; outside a trace it does what `AWS_XRAY_CONTEXT_MISSING` says.
 *
 * @param error anything that was thrown
 * @param span the span to record on; the active one when left out
 * @example
 * try { await pay() } catch (error) { addError(error, { remote: true }); return fallback }
 */
export function addError(error: unknown, options?: ErrorOptions, span?: Span): void {
  const target = recordingSpan(span, addError);
  if (target !== undefined) recordError(target, error, options);
}

/** Records on a span that is known; silent when the span does not record. */
export function recordError(span: Span, error: unknown, { remote }: ErrorOptions = {}): void {
  attempt('recording an error', () => {
    if (!span.isRecording()) return;
    const notes = notesOf(span);
    if ('lastError' in notes && notes.lastError === error) return;
    notes.lastError = error;
    const attributes = exceptionAttributes(error);
    if (remote !== undefined) attributes['aws.xray.exception.remote'] = remote;
    span.addEvent('exception', attributes);
    const message = attributes['exception.message'];
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(typeof message === 'string' ? { message } : {}),
    });
  });
}
