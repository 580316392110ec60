/**
 * Returns the HTTP status of a response: `statusCode` of the handler's result, a number or its digits
 * as API Gateway accepts them, or that of a stream made by `awslambda.HttpResponseStream.from`.
 *
 * @returns `undefined` if the response has no valid status
 */
export function responseStatus(value: unknown, stream?: unknown): number | undefined {
  try {
    return statusOf(value) ?? statusOf(preludeOf(stream));
  } catch {
    // The result is the app's: a getter or a proxy may throw.
    return undefined;
  }
}

function statusOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { statusCode } = value as { readonly statusCode?: unknown };
  const text = typeof statusCode === 'number' ? String(statusCode) : statusCode;
  return typeof text === 'string' && /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
}

interface ResponseStream {
  /** The runtime calls it before the first write; it writes the metadata as JSON, then a delimiter. */
  readonly _onBeforeFirstWrite?: unknown;
}

/** @returns the metadata that `HttpResponseStream.from` was called with */
function preludeOf(stream: unknown): unknown {
  const write = (stream as ResponseStream | null | undefined)?._onBeforeFirstWrite;
  if (typeof write !== 'function') return undefined;
  let prelude: unknown;
  write((chunk: unknown) => {
    if (typeof chunk === 'string') prelude ??= JSON.parse(chunk);
  });
  return prelude;
}
