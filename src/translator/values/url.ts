/**
 * Query parameters that carry a credential: signatures of AWS (SigV4 and before), Google and Azure,
 * and what OAuth and common APIs use. Compared in lower case.
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

/** What the OpenTelemetry semantic conventions put in place of a secret. */
const REDACTED = 'REDACTED';

export interface UrlRules {
  readonly stripUrlQuery: boolean;
}

/**
 * A URL fit to be shown: no user info, no fragment, no secrets in the query, no white space (B-25).
 *
 * What cannot be parsed is kept, so this is a scan and not a parser; it is linear.
 */
export function redactUrl(url: string, rules: UrlRules): string {
  let odd = false;
  let query = -1;
  for (let i = 0; i < url.length; i += 1) {
    const code = url.charCodeAt(i);
    if (code === 0x3f && query === -1) query = i;
    else if (code <= 0x20 || code >= 0x7f || code === 0x23 || code === 0x40) odd = true;
  }
  if (query === -1 && !odd) return url;
  let text = url;
  if (odd) {
    text = withoutUserInfo(withoutFragment(text)).trim().replace(/\s/gu, encodeURIComponent);
    query = text.indexOf('?');
    if (query === -1) return text;
  }
  if (rules.stripUrlQuery) return text.slice(0, query);
  const kept = redactQuery(text.slice(query + 1));
  return kept === undefined ? text : `${text.slice(0, query + 1)}${kept}`;
}

/** A query or a path with a query, without secrets. */
export function redactTarget(target: string, rules: UrlRules): string {
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

const MAX_CONNECTION_STRING = 4_096;

/** Longest name in the table, percent-encoded throughout. */
const MAX_NAME = 66;

function isSecret(query: string, start: number, end: number): boolean {
  if (end - start > MAX_NAME) return false;
  const name = query.slice(start, end).toLowerCase();
  return SECRET_PARAMETERS.has(name.includes('%') ? decoded(name).toLowerCase() : name);
}

/** Percent-decoded text; the text itself when it is not well encoded. */
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

/** Removes `user:password@` from between `//` and the path. */
export function withoutUserInfo(url: string): string {
  const start = authorityStart(url);
  if (start === -1) return url;
  const at = url.lastIndexOf('@', authorityEnd(url, start) - 1);
  return at < start ? url : url.slice(0, start) + url.slice(at + 1);
}

/** Whether a text is `scheme://…`. */
export function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.:-]*:\/\//.test(text);
}

/** `host[:port]` of a URL, without user info; `undefined` when the text is no URL. */
export function authorityOf(url: string): string | undefined {
  const start = authorityStart(url);
  if (start === -1) return undefined;
  const end = authorityEnd(url, start);
  const at = url.lastIndexOf('@', end - 1);
  return url.slice(at < start ? start : at + 1, end);
}

function authorityStart(url: string): number {
  const slashes = url.indexOf('//');
  // A `//` inside a path or a query does not begin an authority.
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

/**
 * A connection string without credentials: user info of a URL, `password=…` and the like (B-25).
 *
 * The user name alone (`user=…`) is no secret and stays, except inside user info.
 */
export function redactConnectionString(whole: string): string {
  // No connection string is this long; the patterns below take quadratic time on made-up ones.
  const text = whole.slice(0, MAX_CONNECTION_STRING);
  // `jdbc:oracle:thin:user/password@host` hides its credentials without a `//`.
  const bare = withoutUserInfo(text).replace(/^(jdbc:oracle:[a-z]+:)[^/@\s]*\/[^@]*@/i, '$1@');
  const plain = bare.replace(
    /(^|[;?&\s,])(password|passwd|pwd|secret|token|accesstoken|access_token)(\s*=\s*)(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^;&\s,]*)/gi,
    `$1$2$3${REDACTED}`,
  );
  const query = plain.indexOf('?');
  const kept = query === -1 ? undefined : redactQuery(plain.slice(query + 1));
  return kept === undefined ? plain : `${plain.slice(0, query + 1)}${kept}`;
}
