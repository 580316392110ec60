/** `23505`, `42P01`, `11000`, `5`: numbers of databases, gRPC and `DOMException`. */
const BARE_CODE = /^\d[\dA-Z]{0,9}$/;
/** `TimeoutError: message`, `TypeError [ERR_X]: message`, `Error` alone. */
const HEADER = /^([A-Za-z_$][\w$.]{0,100})(?: \[[^\]\n]{1,100}\])?(?:: |:?\r?(?:\n|$))/;

/** Whether a text is the number of an error, which says nothing without the system it is from. */
export function isBareCode(text: string): boolean {
  return BARE_CODE.test(text);
}

/**
 * Returns the class name that a stack text starts with.
 *
 * The SDK of OpenTelemetry takes the `code` of an error for its type where it has one.
 */
export function classNameOf(stack: unknown): string | undefined {
  return typeof stack === 'string' ? HEADER.exec(stack)?.[1] : undefined;
}

/** Codes of Node and undici for a connection that failed, or that this process gave up. */
const CONNECTION_CODE =
  /^(?:E(?:CONN(?:REFUSED|RESET|ABORTED)|NOTFOUND|AI_[A-Z]+|TIMEDOUT|SOCKETTIMEDOUT|HOST(?:UNREACH|DOWN)|NET(?:UNREACH|DOWN)|PIPE|ADDR(?:NOTAVAIL|INUSE)|MFILE|NOENT|ACCES|PROTO)|UND_ERR_\w+|ERR_\w+|CERT_\w+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+)$/;
const CONNECTION_MESSAGE =
  /^(?:connect|getaddrinfo|read|write|socket|queryA+) E[A-Z_]+\b|^socket hang up$/;
/** Errors of the language and of aborted work. */
const LOCAL_TYPES: ReadonlySet<string> = new Set([
  'AbortError',
  'TimeoutError',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
]);

/** Whether an exception arose in this process, rather than in an answer of the called service. */
export function isLocal(
  type: string | undefined,
  message: string | undefined,
  code: string | undefined,
): boolean {
  return (
    (type !== undefined && (LOCAL_TYPES.has(type) || CONNECTION_CODE.test(type))) ||
    (code !== undefined && CONNECTION_CODE.test(code)) ||
    (message !== undefined && CONNECTION_MESSAGE.test(message))
  );
}
