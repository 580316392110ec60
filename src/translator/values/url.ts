import { isSecretParameter } from './secret-names.ts';
import { decoded } from './text.ts';

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

/**
 * @param mayBeProxied whether to look for a URL behind the URL of a proxy
 * @param depth number of URLs whose queries contain this one
 */
function redact(url: string, rules: UrlRules, mayBeProxied: boolean, depth = 0): string {
  if (mayBeProxied && url.includes(':/', FIRST_END)) {
    return redact(withoutProxy(url), rules, false, depth);
  }
  const isOdd = ODD.test(url);
  let query = url.indexOf('?');
  if (query === -1 && !isOdd) return url;
  let text = url;
  if (isOdd) {
    text = withoutFragment(withoutUserInfo(text)).trim().replace(/\s/gu, encodeURIComponent);
    query = text.indexOf('?');
    if (query === -1) return text;
  }
  if (rules.stripUrlQuery) return text.slice(0, query);
  const kept = redactQuery(text.slice(query + 1), depth);
  return kept === undefined ? text : `${text.slice(0, query + 1)}${kept}`;
}

/**
 * Returns the target of a request through a proxy, which instrumentations append to the proxy's URL:
 * `http://127.0.0.1:8080http://api.example/v1`.
 */
function withoutProxy(url: string): string {
  return PROXIED.exec(url)?.[1] ?? url;
}

/** A character that calls for a closer look: a space, a control character, `#`, `@`, or one outside ASCII. */
const ODD = /[^!"$-?A-~]/;

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
 * Replaces the values of secret parameters, and secrets in values that are URLs themselves.
 *
 * @param query without the `?`
 * @returns `undefined` when there is nothing to replace
 */
export function redactQuery(query: string, depth = 0): string | undefined {
  let result: string | undefined;
  let done = 0;
  const mayHaveUrl = query.includes('/') || query.includes('%');
  let ampersand = -1;
  let semicolon = -1;
  let equals = -1;
  for (let start = 0; start < query.length; ) {
    ampersand = nextIndex(query, '&', start, ampersand);
    semicolon = nextIndex(query, ';', start, semicolon);
    equals = nextIndex(query, '=', start, equals);
    const end = Math.min(ampersand, semicolon);
    if (end > equals + 1) {
      const shown = isSecretParameter(query.slice(start, equals))
        ? REDACTED
        : mayHaveUrl
          ? redactedValue(query.slice(equals + 1, end), depth)
          : undefined;
      if (shown !== undefined) {
        result = `${result ?? ''}${query.slice(done, equals + 1)}${shown}`;
        done = end;
      }
    }
    start = end + 1;
  }
  return result === undefined ? undefined : result + query.slice(done);
}

/**
 * Returns the first index of a character at or after `start`, or the length of the text.
 *
 * @param last the result for an earlier `start`, so that no part is searched twice; -1 at first
 */
function nextIndex(text: string, character: string, start: number, last: number): number {
  if (last >= start) return last;
  const index = text.indexOf(character, start);
  return index === -1 ? text.length : index;
}

/** URLs in queries of URLs in queries are examined up to this depth; deeper ones are replaced. */
const MAX_DEPTH = 3;

/** Returns a URL in a query without its secrets; `undefined` if the value has none. */
function redactedValue(value: string, depth: number): string | undefined {
  const text = decoded(value);
  if (!isUrl(text)) return undefined;
  if (depth === MAX_DEPTH) return REDACTED;
  const shown = redact(text, KEEP_QUERY, true, depth + 1);
  if (shown === text) return undefined;
  return text === value ? shown : encodeURIComponent(shown);
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
export function redactUrlsIn(text: string, rules: UrlRules = KEEP_QUERY): string {
  if (!text.includes('://')) return text;
  return text.replace(URLS, (url) => redactUrl(url, rules));
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
