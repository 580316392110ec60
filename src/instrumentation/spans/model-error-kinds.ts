// In a file of its own, because the start of an app loads it.

/** Errors whose message quotes what a model or a user wrote: of parsers and validators. */
const QUOTING =
  /^(?:SyntaxError|\$?ZodError|OutputParserException|AI_(?:JSONParse|TypeValidation|NoObjectGenerated|NoOutputGenerated|InvalidToolInput|InvalidPrompt|InvalidDataContent|InvalidMessageRole|InvalidResponseData|MessageConversion|ToolCallRepair)Error)$/;

/**
 * What an app gets of a call that it aborted itself; the second is of clients that Stainless generated, the
 * third of Mistral's.
 */
const ABORTS: ReadonlySet<unknown> = new Set([
  'AbortError',
  'APIUserAbortError',
  'RequestAbortedError',
]);

/** An error, and its causes. */
interface Chain {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly body?: unknown;
  readonly cause?: unknown;
}

const MAX_CAUSES = 5;

/** Returns whether an error, or what a library records of one, says that the app aborted the call. */
export function isAbort(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return ABORTS.has((error as Chain).name) || ABORTS.has(error.constructor?.name);
}

/** Clients of Mistral and Cohere quote the body of a response, which may quote that of the request. */
const QUOTED_BODY = /\bBody: /;

/** Returns whether the message of an error, or of one of its causes, quotes a prompt or an answer. */
export function isQuoting(error: unknown): boolean {
  let at = error;
  for (let i = 0; i < MAX_CAUSES && typeof at === 'object' && at !== null; i += 1) {
    const { name, message, body, cause } = at as Chain;
    if (typeof name === 'string' && QUOTING.test(name)) return true;
    if (body !== undefined && typeof message === 'string' && QUOTED_BODY.test(message)) return true;
    at = cause;
  }
  return false;
}
