import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { recordError, recordHandledError } from '../../api/errors.ts';
import { isAbort, isQuoting } from '../spans/model-error-kinds.ts';

/**
 * Records the error of a call of a model. Of an error that quotes a prompt or an answer, or that has such
 * a cause, only the name is recorded. A call that the app aborted has not failed, as for `fetch`.
 *
 * @param isAborted whether the app aborted the call
 */
export function recordModelError(
  span: Span,
  error: unknown,
  isAborted: boolean = isAbort(error),
): void {
  if (isAborted) {
    recordHandledError(span, error);
    return;
  }
  if (!isQuoting(error)) {
    recordError(span, error);
    return;
  }
  const { name } = error as { readonly name?: unknown };
  span.setAttribute('error.type', typeof name === 'string' ? name : 'Error');
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Returns the cause of a stream that the app aborted, where the library reports no error. */
export function abortError(): Error {
  return new DOMException('The app aborted the stream', 'AbortError');
}
