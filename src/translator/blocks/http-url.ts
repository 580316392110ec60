import { type AttributeReader, from, NO_SOURCES } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanFacts } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import { urlHost } from '../values/host.ts';
import { integerOf } from '../values/text.ts';
import { cleanUrl } from '../values/url.ts';

const NAMES = {
  full: from('url.full', 'http.url'),
  /** On a queue call `url.full` is the queue's own URL and belongs to the `aws` block (B-26). */
  fullOfQueueCall: from('http.url'),
  scheme: from('url.scheme', 'http.scheme'),
  hostHeader: from('http.host'),
  serverHost: from('http.server_name', 'net.host.name', 'host.name', 'server.address'),
  serverPort: from('net.host.port', 'server.port'),
  calleeHost: from('net.peer.name', 'server.address', 'net.peer.ip', 'network.peer.address'),
  calleePort: from('net.peer.port', 'server.port'),
  target: from('http.target'),
  path: from('url.path'),
  query: from('url.query'),
} as const;

/** Once a URL is written, none of its pieces says anything new (B-03). */
const PIECES = from(
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
 * `request.url`: the full URL when there is one, else built from its pieces (section 3.3, B-24, B-25).
 *
 * @returns `undefined` when no host is known
 */
export function httpUrl(
  reader: AttributeReader,
  facts: SpanFacts,
  settings: Settings,
): string | undefined {
  const sources = facts.isQueueCall ? NAMES.fullOfQueueCall : NAMES.full;
  const clean = (text: string) => cleanUrl(text, settings) || undefined;
  const url = reader.hasText(sources)
    ? reader.shownText(sources, LIMITS.url, FIELD, clean)
    : builtUrl(reader, facts, clean);
  if (url !== undefined) reader.useAll(PIECES);
  return url;
}

type Clean = (url: string) => string | undefined;

function builtUrl(reader: AttributeReader, facts: SpanFacts, clean: Clean): string | undefined {
  const header = reader.peekText(NAMES.hostHeader);
  const hosts = facts.isServer ? NAMES.serverHost : NAMES.calleeHost;
  const host = header ?? reader.peekText(hosts);
  if (host === undefined) return undefined;
  if (header === undefined) reader.use(hosts, host);
  const named = reader.peekText(NAMES.scheme);
  const scheme = named === 'https' || (named !== undefined && SCHEME.test(named)) ? named : 'http';
  const port =
    header === undefined
      ? shownPort(reader.peek(facts.isServer ? NAMES.serverPort : NAMES.calleePort), scheme)
      : '';
  return withPath(reader, `${scheme}://${urlHost(host)}${port}`, clean);
}

/** `:port`, or nothing for the scheme's own port and for what is no port. */
function shownPort(value: unknown, scheme: string): string {
  const port = integerOf(value);
  if (port === undefined || port < 1 || port > 65_535) return '';
  if ((port === 80 && scheme === 'http') || (port === 443 && scheme === 'https')) return '';
  return `:${port}`;
}

function withPath(reader: AttributeReader, base: string, clean: Clean): string | undefined {
  const sources = reader.hasText(NAMES.target) ? NAMES.target : NAMES.path;
  const queries = sources === NAMES.path ? NAMES.query : NO_SOURCES;
  const whole = (path: string, query = '?') => clean(`${base}${withSlash(path)}${withMark(query)}`);
  if (reader.hasText(sources)) return reader.shownText(sources, LIMITS.url, FIELD, whole, queries);
  const url = whole('/', reader.peekText(queries));
  return url === undefined ? undefined : reader.cut(url, LIMITS.url, FIELD);
}

/** A query with its question mark; nothing when that is all. */
function withMark(query: string): string {
  if (query === '?') return '';
  return query.startsWith('?') ? query : `?${query}`;
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
