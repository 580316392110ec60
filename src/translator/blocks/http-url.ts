import { type AttributeReader, NO_NAMES, names } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import { urlHost } from '../values/host.ts';
import { integerOf } from '../values/text.ts';
import { isUrl, redactUrl } from '../values/url.ts';

const NAMES = {
  full: names('url.full', 'http.url'),
  /** On a call to SQS, `url.full` is the URL of the queue and belongs to the `aws` block (B-26). */
  fullOfQueueCall: names('http.url'),
  scheme: names('url.scheme', 'http.scheme'),
  hostHeader: names('http.host'),
  serverHost: names('http.server_name', 'net.host.name', 'host.name', 'server.address'),
  serverPort: names('net.host.port', 'server.port'),
  calleeHost: names('net.peer.name', 'server.address', 'net.peer.ip', 'network.peer.address'),
  calleePort: names('net.peer.port', 'server.port'),
  target: names('http.target'),
  path: names('url.path'),
  query: names('url.query'),
} as const;

/** The parts of a URL, which are consumed when the URL is written (B-03). */
const PIECES = names(
  'url.scheme',
  'http.scheme',
  'http.host',
  'http.server_name',
  'net.host.name',
  'net.host.port',
  'server.address',
  'server.port',
  'net.peer.name',
  'net.peer.port',
  'http.target',
  'url.path',
  'url.query',
);

const FIELD = 'http.request.url';
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;

/**
 * Returns `request.url`: the full URL, or else one that is built from its parts
 * (docs/spec/translation.md section 3.3, B-24, B-25).
 *
 * @returns `undefined` when no host is known
 */
export function httpUrl(
  reader: AttributeReader,
  traits: SpanTraits,
  settings: Settings,
): string | undefined {
  const sources = traits.isQueueCall ? NAMES.fullOfQueueCall : NAMES.full;
  const clean = (text: string) => redactUrl(text, settings) || undefined;
  const url = reader.hasText(sources)
    ? reader.takeMapped(sources, LIMITS.url, FIELD, clean)
    : builtUrl(reader, traits, clean);
  if (url !== undefined) reader.consume(PIECES);
  return url;
}

type Clean = (url: string) => string | undefined;

function builtUrl(reader: AttributeReader, traits: SpanTraits, clean: Clean): string | undefined {
  const header = reader.peekText(NAMES.hostHeader);
  const hosts = traits.isServer ? NAMES.serverHost : NAMES.calleeHost;
  const host = header ?? reader.peekText(hosts);
  if (host === undefined) return undefined;
  if (header === undefined) reader.consumeEqual(hosts, host);
  const named = reader.peekText(NAMES.scheme);
  const scheme = named === 'https' || (named !== undefined && SCHEME.test(named)) ? named : 'http';
  const port =
    header === undefined
      ? shownPort(reader.peek(traits.isServer ? NAMES.serverPort : NAMES.calleePort), scheme)
      : '';
  return withPath(reader, `${scheme}://${urlHost(host)}${port}`, clean);
}

/** Returns `:port`; an empty text for the default port of the scheme and for an invalid port. */
function shownPort(value: unknown, scheme: string): string {
  const port = integerOf(value);
  if (port === undefined || port < 1 || port > 65_535) return '';
  if ((port === 80 && scheme === 'http') || (port === 443 && scheme === 'https')) return '';
  return `:${port}`;
}

function withPath(reader: AttributeReader, base: string, clean: Clean): string | undefined {
  const sources = reader.hasText(NAMES.target) ? NAMES.target : NAMES.path;
  const queries = sources === NAMES.path ? NAMES.query : NO_NAMES;
  const whole = (path: string, query = '?') => clean(targetUrl(base, path, withMark(query)));
  if (reader.hasText(sources)) return reader.takeMapped(sources, LIMITS.url, FIELD, whole, queries);
  const url = whole('/', reader.peekText(queries));
  return url === undefined ? undefined : reader.truncate(url, LIMITS.url, FIELD);
}

/** Returns a query with its question mark; an empty text for an empty query. */
function withMark(query: string): string {
  if (query === '?') return '';
  return query.startsWith('?') ? query : `?${query}`;
}

/**
 * Returns the URL of a request target in any of its forms: a path, a URL (through a proxy), `host:port`
 * (CONNECT), or `*` (OPTIONS).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
function targetUrl(base: string, target: string, query: string): string {
  if (target.startsWith('/')) return base + target + query;
  if (target === '*') return base;
  if (isUrl(target)) return target + query;
  return AUTHORITY.test(target) ? target : `${base}/${target}${query}`;
}

const AUTHORITY = /^[^/?#\s]+:\d{1,5}$/;
