/**
 * Names of query parameters that hold credentials: signatures of AWS (SigV4 and older), Google and
 * Azure, and those of OAuth and common APIs. Compared in lower case.
 */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-goog-credential',
  'access_token',
  'refresh_token',
  'id_token',
  'token',
  'auth_token',
  'client_secret',
  'secret',
  'password',
  'passwd',
  'pwd',
  'api_key',
  'apikey',
  'api-key',
]);

/** The replacement for a secret by the OpenTelemetry semantic conventions. */
export const REDACTED = 'REDACTED';

export interface UrlRules {
  readonly stripUrlQuery: boolean;
}

/**
 * Returns a URL without user info, fragment, secrets in the query and white space (B-25).
 *
 * Text that is not a valid URL is kept, so this scans the text instead of parsing it. Linear time.
 */
export function redactUrl(url: string, rules: UrlRules): string {
  return redact(url, rules, true);
}

/** @param mayBeProxied whether to look for a URL behind the URL of a proxy */
function redact(url: string, rules: UrlRules, mayBeProxied: boolean): string {
  let odd = false;
  let hasSecondUrl = false;
  let query = -1;
  for (let i = 0; i < url.length; i += 1) {
    const code = url.charCodeAt(i);
    if (code === 0x3f && query === -1) query = i;
    else if (code === 0x3a) hasSecondUrl ||= i >= FIRST_END && url.charCodeAt(i + 1) === 0x2f;
    else if (code <= 0x20 || code >= 0x7f || code === 0x23 || code === 0x40) odd = true;
  }
  if (hasSecondUrl && mayBeProxied) return redact(withoutProxy(url), rules, false);
  if (query === -1 && !odd) return url;
  let text = url;
  if (odd) {
    text = withoutFragment(withoutUserInfo(text)).trim().replace(/\s/gu, encodeURIComponent);
    query = text.indexOf('?');
    if (query === -1) return text;
  }
  if (rules.stripUrlQuery) return text.slice(0, query);
  const kept = redactQuery(text.slice(query + 1));
  return kept === undefined ? text : `${text.slice(0, query + 1)}${kept}`;
}

/**
 * Returns the target of a request through a proxy, which instrumentations append to the proxy's URL:
 * `http://127.0.0.1:8080http://api.example/v1`.
 */
function withoutProxy(url: string): string {
  return PROXIED.exec(url)?.[1] ?? url;
}

/** Behind the longest scheme that {@link PROXIED} starts with. */
const FIRST_END = 8;

const PROXIED = /^https?:\/\/[^/?#]*?((?:https?|wss?|ftp):\/\/.+)$/i;

/** Returns a request target, such as a path with a query, without secrets. */
export function redactTarget(target: string, rules: UrlRules): string {
  if (!target.startsWith('/') && target.includes('@')) return redactUrl(target, rules);
  const path = withoutFragment(target);
  const query = path.indexOf('?');
  if (query === -1) return path;
  if (rules.stripUrlQuery) return path.slice(0, query);
  const kept = redactQuery(path.slice(query + 1));
  return kept === undefined ? path : `${path.slice(0, query + 1)}${kept}`;
}

/**
 * Replaces the values of secret parameters.
 *
 * @param query without the `?`
 * @returns `undefined` when there is nothing to replace
 */
export function redactQuery(query: string): string | undefined {
  let result: string | undefined;
  let done = 0;
  for (let start = 0; start < query.length; ) {
    let end = start;
    let equals = -1;
    for (; end < query.length; end += 1) {
      const code = query.charCodeAt(end);
      if (code === 0x26 || code === 0x3b) break;
      if (code === 0x3d && equals === -1) equals = end;
    }
    if (equals !== -1 && isSecret(query, start, equals) && end > equals + 1) {
      result = `${result ?? ''}${query.slice(done, equals + 1)}${REDACTED}`;
      done = end;
    }
    start = end + 1;
  }
  return result === undefined ? undefined : result + query.slice(done);
}

/** The length of the longest name in the table with every character percent-encoded. */
const MAX_NAME = 66;

function isSecret(query: string, start: number, end: number): boolean {
  if (end - start > MAX_NAME) return false;
  const name = query.slice(start, end).toLowerCase();
  return SECRET_PARAMETERS.has(name.includes('%') ? decoded(name).toLowerCase() : name);
}

/** Returns the percent-decoded text; the text itself if the encoding is invalid. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutFragment(text: string): string {
  const at = text.indexOf('#');
  return at === -1 ? text : text.slice(0, at);
}

/** Removes `user:password@` before the host, even without a scheme. */
function withoutUserInfo(url: string): string {
  const start = authorityStart(url);
  if (start === -1) {
    const at = url.lastIndexOf('@', authorityEnd(url, 0) - 1);
    return at === -1 ? url : url.slice(at + 1);
  }
  const at = userInfoEnd(url, start);
  return at === -1 ? url : url.slice(0, start) + url.slice(at + 1);
}

/**
 * Returns the index of the `@` that ends the user info; -1 if there is none.
 *
 * If the text after it cannot be `host:port`, the password has characters that are not encoded, and
 * the user info extends to the last `@`: `http://user:p@ss:w/rd@host/`.
 */
function userInfoEnd(url: string, start: number): number {
  const end = authorityEnd(url, start);
  const at = url.lastIndexOf('@', end - 1);
  const host = url.slice(at < start ? start : at + 1, end);
  const last = isHostAndPort(host) ? at : url.lastIndexOf('@');
  return last < start ? -1 : last;
}

/** Returns whether a text can be `host`, `host:port`, or an IPv6 address with or without brackets. */
function isHostAndPort(text: string): boolean {
  const rest = text.slice(text.lastIndexOf(']') + 1);
  const colon = rest.indexOf(':');
  return colon === -1 || /^\d*$/.test(rest.slice(colon + 1)) || /^[\da-f:.]+$/i.test(rest);
}

/** Removes user info and secrets from the URLs in a text, such as the message of an exception. */
export function redactUrlsIn(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(URLS, (url) => redactUrl(url, KEEP_QUERY));
}

const URLS = /[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/[^\s"<>]+/g;
const KEEP_QUERY: UrlRules = { stripUrlQuery: false };

/** Returns whether a text is `scheme://…`. */
export function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.:-]*:\/\//.test(text);
}

/** Returns `host[:port]` of a URL without user info; `undefined` if the text is not a URL. */
export function authorityOf(url: string): string | undefined {
  const start = authorityStart(url);
  if (start === -1) return undefined;
  const at = userInfoEnd(url, start);
  return url.slice(at === -1 ? start : at + 1, authorityEnd(url, at === -1 ? start : at + 1));
}

function authorityStart(url: string): number {
  const slashes = url.indexOf('//');
  // A `//` inside a path or a query does not start an authority.
  const ahead =
    slashes <= 0
      ? slashes
      : /^[A-Za-z][A-Za-z0-9+.:-]*:$/.test(url.slice(0, slashes))
        ? slashes
        : -1;
  return ahead === -1 ? -1 : ahead + 2;
}

function authorityEnd(url: string, start: number): number {
  for (let i = start; i < url.length; i += 1) {
    const code = url.charCodeAt(i);
    if (code === 0x2f || code === 0x3f || code === 0x23) return i;
  }
  return url.length;
}
