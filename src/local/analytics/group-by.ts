import type { Term } from '../store/derive.ts';
import { requestRoute } from './route.ts';

/** What traces are grouped by: one of these names, or `annotation.<key>`. */
export const GROUP_NAMES = ['service', 'route', 'url', 'method', 'status', 'user'] as const;
export type GroupName = (typeof GROUP_NAMES)[number];

/** A value of a group and what filters by it. */
export interface GroupValue {
  readonly value: string;
  /** Filter expression; absent where the filter language cannot say it. */
  readonly condition?: string | undefined;
}

const ANNOTATION = 'annotation.';
/** Annotations that hold the route as the framework has it. */
const ROUTE_KEYS = ['http.route', 'http_route', 'route'];

const FIELDS: Readonly<Record<string, string>> = {
  url: 'http.url',
  method: 'http.method',
  status: 'http.status',
  user: 'user',
};

/**
 * Returns the values of a trace in a grouping; a trace without one has none.
 *
 * @param terms what the store's index has of the trace
 * @param by a {@link GroupName}, or `annotation.<key>`
 */
export function groupValues(terms: readonly Term[], by: string): readonly GroupValue[] {
  if (by === 'service') {
    return terms
      .filter(({ kind }) => kind === 'node')
      .map(({ key, value }) => ({ value: key, condition: nodeCondition(key, String(value)) }));
  }
  if (by === 'route') return routeOf(terms);
  if (by.startsWith(ANNOTATION)) {
    const key = by.slice(ANNOTATION.length);
    return terms
      .filter((term) => term.kind === 'annotation' && term.key === key)
      .map(({ value }) => ({
        value: String(value),
        condition: `annotation[${key}] = ${literal(value)}`,
      }));
  }
  const keyword = Object.hasOwn(FIELDS, by) ? FIELDS[by] : undefined;
  if (keyword === undefined) return [];
  return fieldsOf(terms, keyword).map((value) => ({
    value: String(value),
    condition: `${keyword} = ${literal(value)}`,
  }));
}

/** Returns the keys of the annotations of a trace. */
export function annotationKeys(terms: readonly Term[]): readonly string[] {
  return terms.filter(({ kind }) => kind === 'annotation').map(({ key }) => key);
}

/** Returns the route that the app has named, or one made from the URL. */
function routeOf(terms: readonly Term[]): readonly GroupValue[] {
  const method = fieldsOf(terms, 'http.method')[0];
  const prefix = method === undefined ? '' : `${method} `;
  const and = method === undefined ? '' : `http.method = ${literal(method)} AND `;
  for (const key of ROUTE_KEYS) {
    const named = terms.find((term) => term.kind === 'annotation' && term.key === key)?.value;
    if (named === undefined) continue;
    const condition = `${and}annotation[${key}] = ${literal(named)}`;
    return [{ value: `${prefix}${named}`, condition }];
  }
  const url = fieldsOf(terms, 'http.url')[0];
  if (url === undefined) return [];
  const { route, conditions } = requestRoute(String(url));
  return [{ value: `${prefix}${route}`, condition: `${and}${conditions.join(' AND ')}` }];
}

function fieldsOf(terms: readonly Term[], key: string): readonly Term['value'][] {
  return terms
    .filter((term) => term.kind === 'field' && term.key === key)
    .map((term) => term.value);
}

function nodeCondition(name: string, type: string): string {
  return type === ''
    ? `service(${literal(name)})`
    : `service(id(name: ${literal(name)}, type: ${literal(type)}))`;
}

function literal(value: Term['value']): string {
  return typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : String(value);
}
