import { xrayTraceId } from '../trace/trace-id.ts';
/**
 * Addresses of the page: everything after `#`, so that a link works whatever serves the page.
 *
 * `#/traces?filter=fault`, `#/trace/1-…?at=<segment>&tab=sql`, `#/map?node=…`, `#/sampling`, `#/problems`
 */
export interface Route {
  readonly page:
    | 'traces'
    | 'trace'
    | 'map'
    | 'analytics'
    | 'services'
    | 'compare'
    | 'sampling'
    | 'problems'
    | 'unknown';
  /** The trace's id on its own page, else empty. */
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
}

const PAGES = new Set([
  'traces',
  'map',
  'analytics',
  'services',
  'compare',
  'sampling',
  'problems',
]);

/** @param hash `location.hash`, with or without `#` */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = splitOnce(hash.replace(/^#/, ''), '?');
  const query = Object.fromEntries(new URLSearchParams(search));
  const [, page = '', id = ''] = path.split('/');
  if (page === '') return { page: 'traces', id: '', query };
  if (page === 'trace' && id !== '') return { page, id: decoded(id), query };
  if (PAGES.has(page)) return { page: page as Route['page'], id: '', query };
  return { page: 'unknown', id: '', query };
}

/** Returns the link to a page; empty values are left out. */
export function linkTo(
  page: Exclude<Route['page'], 'trace' | 'unknown'>,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  return `#/${page}${searchText(query)}`;
}

export function traceLink(
  id: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  return `#/trace/${encodeURIComponent(id)}${searchText(query)}`;
}

function searchText(query: Readonly<Record<string, string | undefined>>): string {
  const kept = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Returns the id in X-Ray's form, when the text is a trace id in X-Ray's or W3C's form. */
export function traceIdOf(text: string): string | undefined {
  return xrayTraceId(text.trim().toLowerCase());
}
