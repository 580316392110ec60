import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { recordError } from '../api/errors.ts';

/** Errors whose message quotes what a model or a user wrote: of parsers and validators. */
const QUOTING =
  /^(?:SyntaxError|\$?ZodError|OutputParserException|AI_(?:JSONParse|TypeValidation|NoObjectGenerated|NoOutputGenerated|InvalidToolInput|InvalidPrompt|InvalidDataContent|InvalidMessageRole|InvalidResponseData|MessageConversion|ToolCallRepair)Error)$/;

/** An error, and its causes. */
interface Chain {
  readonly name?: unknown;
  readonly cause?: unknown;
}

const MAX_CAUSES = 5;

/**
 * Records the error of a call of a model. Of an error that quotes a prompt or an answer, or that has such
 * a cause, only the name is recorded.
 */
export function recordModelError(span: Span, error: unknown): void {
  if (!isQuoting(error)) {
    recordError(span, error);
    return;
  }
  const { name } = error as Chain;
  span.setAttribute('error.type', typeof name === 'string' ? name : 'Error');
  span.setStatus({ code: SpanStatusCode.ERROR });
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
