import { URL } from 'node:url';

/** Path and query of a request as in an instance of `URL`. */
export interface Target {
  readonly pathname: string;
  readonly search: string;
}

/** Segments without a dot or percent sign at their start, which may mean this or the parent folder. */
const PLAIN_TARGET =
  /^((?!\/\/)(?:\/(?:[\w~!$&()*+,;=:@-][\w~!$&()*+,;=:@.%-]*)?)+)(\?[\w~!$&()*+,;=:@./?%-]*)?$/;
/** Pairs of a name and a value that have one serialization. */
const PLAIN_QUERY = /^[\w*.-]*=[\w*.-]*(?:&[\w*.-]*=[\w*.-]*)*$/;

let lastHost = 'localhost';

/**
 * Returns path and query of the URL of an incoming request if parsing it would not change them, which
 * saves a parser in C++. Used by the build in the http instrumentation: `scripts/build/patch-http.ts`.
 *
 * @param host header `host`
 * @returns `undefined` if the URL has to be parsed, or if the host makes it invalid
 */
export function plainTarget(url: string | undefined, host: string | undefined): Target | undefined {
  const parts = url === undefined ? null : PLAIN_TARGET.exec(url);
  if (parts === null || !isValidHost(host)) return undefined;
  const [, pathname = '', search = ''] = parts;
  return { pathname, search: search === '?' ? '' : search };
}

function isValidHost(host: string | undefined): boolean {
  if (!host || host === lastHost) return true;
  if (!URL.canParse(`http://${host}`)) return false;
  lastHost = host;
  return true;
}

/**
 * Returns a query with redacted parameters.
 *
 * @param names of the parameters to redact
 * @param redact parses the query; not called if it has none of the names and its serialization is the
 *   same text
 */
export function redactedQuery(
  query: string,
  names: readonly string[],
  redact: (query: URLSearchParams, names: readonly string[]) => string,
): string {
  const isPlain = PLAIN_QUERY.test(query) && !names.some((name) => query.includes(name));
  return isPlain ? query : redact(new URLSearchParams(query), names);
}
