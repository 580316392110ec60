/** `23505`, `42P01`, `11000`, `5`: numbers of databases, gRPC and `DOMException`. */
const BARE_CODE = /^\d[\dA-Z]{0,9}$/;
/** `TimeoutError: message`, `TypeError [ERR_X]: message`, `Error` alone. */
const HEADER = /^([A-Za-z_$][\w$.]{0,100})(?: \[[^\]\n]{1,100}\])?(?:: |:?\r?(?:\n|$))/;

/** Returns whether a text is an error number, which has no meaning without the name of the system. */
export function isBareCode(text: string): boolean {
  return BARE_CODE.test(text);
}

/**
 * Returns the class name that a stack text starts with.
 *
 * The OpenTelemetry SDK records the `code` of an error as its type if there is one.
 */
export function classNameOf(stack: unknown): string | undefined {
  return typeof stack === 'string' ? HEADER.exec(stack)?.[1] : undefined;
}

/** Codes of Node.js and undici for connections that failed or that this process aborted. */
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

/** Returns whether an exception was raised by this process, and not by a response of the called service. */
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
