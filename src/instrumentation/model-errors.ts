import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { recordError, recordHandledError } from '../api/errors.ts';

/** Errors whose message quotes what a model or a user wrote: of parsers and validators. */
const QUOTING =
  /^(?:SyntaxError|\$?ZodError|OutputParserException|AI_(?:JSONParse|TypeValidation|NoObjectGenerated|NoOutputGenerated|InvalidToolInput|InvalidPrompt|InvalidDataContent|InvalidMessageRole|InvalidResponseData|MessageConversion|ToolCallRepair)Error)$/;

/** What an app gets of a call that it aborted itself; the last one is of clients that Stainless generated. */
const ABORTS: ReadonlySet<unknown> = new Set(['AbortError', 'APIUserAbortError']);

/** An error, and its causes. */
interface Chain {
  readonly name?: unknown;
  readonly cause?: unknown;
}

const MAX_CAUSES = 5;

/**
 * Records the error of a call of a model. Of an error that quotes a prompt or an answer, or that has such
 * a cause, only the name is recorded. A call that the app aborted has not failed, as for `fetch`.
 */
export function recordModelError(span: Span, error: unknown): void {
  if (isAbort(error)) {
    recordHandledError(span, error);
    return;
  }
  if (!isQuoting(error)) {
    recordError(span, error);
    return;
  }
  const { name } = error as Chain;
  span.setAttribute('error.type', typeof name === 'string' ? name : 'Error');
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Returns the cause of a stream that the app aborted, where the library reports no error. */
export function abortError(): Error {
  return new DOMException('The app aborted the stream', 'AbortError');
}

function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ABORTS.has(error.name) || ABORTS.has(error.constructor.name);
}

function isQuoting(error: unknown): boolean {
  let at = error;
  for (let i = 0; i < MAX_CAUSES && typeof at === 'object' && at !== null; i += 1) {
    const { name, cause } = at as Chain;
    if (typeof name === 'string' && QUOTING.test(name)) return true;
    at = cause;
  }
  return false;
}
