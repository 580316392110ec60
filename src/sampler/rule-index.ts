import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { type Condition, conditionsOf, isMet } from './match.ts';
import type { SamplingRule } from './rule.ts';
import { hostsOf, methodOf, pathOf, type ServiceInput, text } from './rule-input.ts';
import type { Matcher } from './wildcard.ts';

/** Finds the rule of a request. */
export interface RuleIndex<T> {
  /** Returns the first rule that matches the request, or `undefined`. */
  find(attributes: Attributes): T | undefined;
}

/** The conditions of a rule on the request. Those on the process are already evaluated. */
interface Candidate<T> {
  readonly value: T;
  readonly path: Matcher | undefined;
  readonly method: Matcher | undefined;
  readonly host: Matcher | undefined;
  /** Conditions on attributes and ARNs, whose results are not cached. */
  readonly rest: readonly Condition[];
}

/** The candidates for one combination of path, method and host. */
interface CacheEntry<T> {
  readonly method: AttributeValue | undefined;
  readonly oldMethod: AttributeValue | undefined;
  readonly host: AttributeValue | undefined;
  readonly port: AttributeValue | undefined;
  readonly oldHost: AttributeValue | undefined;
  readonly netHost: AttributeValue | undefined;
  readonly netPort: AttributeValue | undefined;
  /** In order of evaluation. The first one whose `rest` is met matches. */
  readonly candidates: readonly Candidate<T>[];
}

/** With fewer rules, evaluating them is as fast as the cache. */
const MIN_CACHED_RULES = 8;
const MAX_PATHS = 1_000;
const MAX_PER_PATH = 16;
/** Number of requests that bypass the cache after it filled with paths that rarely recurred. */
const BYPASS_REQUESTS = 10 * MAX_PATHS;
/** Longer paths are not cached, because clients choose them. */
const MAX_PATH_LENGTH = 256;

/**
 * Compiles ordered rules for one process.
 *
 * Conditions on the service are evaluated once. For each combination of path, method and host, the
 * matching rules are cached in a bounded cache, so that the cost of a decision does not depend on the
 * number of rules.
 */
export function indexRules<T>(
  rules: readonly { readonly rule: SamplingRule; readonly value: T }[],
  service: ServiceInput,
): RuleIndex<T> {
  const candidates: Candidate<T>[] = [];
  for (const { rule, value } of rules) {
    const conditions = conditionsOf(rule);
    const ofService = conditions.filter(({ field }) => SERVICE_FIELDS.has(field));
    if (!ofService.every((condition) => isMet(condition, {}, service))) continue;
    const matcher = (field: string) => conditions.find((c) => c.field === field)?.matches;
    const rest = conditions.filter(({ field }) => !OWN_FIELDS.has(field));
    const candidate: Candidate<T> = {
      value,
      path: matcher('URLPath'),
      method: matcher('HTTPMethod'),
      host: matcher('Host'),
      rest: rest.filter((c) => c.field !== 'ResourceARN' || !isMet(c, {}, service)),
    };
    candidates.push(candidate);
    // Rules after one without conditions are unreachable.
    if (matchesAll(candidate)) break;
  }
  return cachingIndex(candidates, service);
}

const SERVICE_FIELDS: ReadonlySet<string> = new Set(['ServiceName', 'ServiceType']);
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...SERVICE_FIELDS,
  'URLPath',
  'HTTPMethod',
  'Host',
]);

function matchesAll<T>({ path, method, host, rest }: Candidate<T>): boolean {
  return path === undefined && method === undefined && host === undefined && rest.length === 0;
}

function cachingIndex<T>(candidates: readonly Candidate<T>[], service: ServiceInput): RuleIndex<T> {
  const first = candidates[0];
  if (first === undefined) return { find: () => undefined };
  if (matchesAll(first)) return { find: () => first.value };
  const usesHost = candidates.some(({ host }) => host !== undefined);
  if (candidates.length < MIN_CACHED_RULES && !usesHost) {
    return { find: (attributes) => firstMatch(candidates, attributes, service) };
  }
  const cache = new Map<string, CacheEntry<T>[]>();
  let cacheHits = 0;
  let bypassed = 0;
  return {
    find(attributes) {
      if (bypassed > 0) {
        bypassed -= 1;
        return firstMatch(candidates, attributes, service);
      }
      // The path as in the span: removing the query would allocate a string for each request.
      const path = attributes['url.path'];
      if (typeof path !== 'string' || !isCacheable(path, attributes, usesHost)) {
        return firstMatch(candidates, attributes, service);
      }
      let list = cache.get(path);
      let found = list === undefined ? undefined : cachedEntry(list, attributes, usesHost);
      if (found !== undefined) {
        cacheHits += 1;
      } else {
        found = cacheEntry(allCandidates(candidates, attributes), attributes, usesHost);
        if (list === undefined) {
          if (cache.size >= MAX_PATHS) {
            if (cacheHits < MAX_PATHS) bypassed = BYPASS_REQUESTS;
            cacheHits = 0;
            cache.clear();
          }
          list = [];
          cache.set(path, list);
        } else if (list.length >= MAX_PER_PATH) {
          list.length = 0;
        }
        list.push(found);
      }
      return firstWithRest(found.candidates, attributes, service);
    },
  };
}

/** Clients can send any method, and the captured Host header is a list. */
function isCacheable(path: string, attributes: Attributes, usesHost: boolean): boolean {
  return (
    path.length <= MAX_PATH_LENGTH &&
    attributes['http.request.method'] !== '_OTHER' &&
    !(usesHost && attributes['http.request.header.host'] !== undefined)
  );
}

function cachedEntry<T>(
  list: readonly CacheEntry<T>[],
  attributes: Attributes,
  usesHost: boolean,
): CacheEntry<T> | undefined {
  const method = attributes['http.request.method'];
  const oldMethod = attributes['http.method'];
  for (let i = 0; i < list.length; i += 1) {
    const found = list[i] as CacheEntry<T>;
    if (found.method !== method || found.oldMethod !== oldMethod) continue;
    if (!usesHost || sameHost(found, attributes)) return found;
  }
  return undefined;
}

function sameHost<T>(found: CacheEntry<T>, attributes: Attributes): boolean {
  return (
    found.host === attributes['server.address'] &&
    found.port === attributes['server.port'] &&
    found.oldHost === attributes['http.host'] &&
    found.netHost === attributes['net.host.name'] &&
    found.netPort === attributes['net.host.port']
  );
}

function cacheEntry<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  usesHost: boolean,
): CacheEntry<T> {
  const ifHost = (name: string) => (usesHost ? attributes[name] : undefined);
  return {
    method: attributes['http.request.method'],
    oldMethod: attributes['http.method'],
    host: ifHost('server.address'),
    port: ifHost('server.port'),
    oldHost: ifHost('http.host'),
    netHost: ifHost('net.host.name'),
    netPort: ifHost('net.host.port'),
    candidates,
  };
}

/** Returns the rules that match path, method and host, up to the first without other conditions. */
function allCandidates<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
): Candidate<T>[] {
  const result: Candidate<T>[] = [];
  visitCandidates(candidates, attributes, (candidate) => {
    result.push(candidate);
    return candidate.rest.length === 0;
  });
  return result;
}

function firstMatch<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  service: ServiceInput,
): T | undefined {
  return visitCandidates(candidates, attributes, ({ rest }) => meetsAll(rest, attributes, service))
    ?.value;
}

/** Evaluates the remaining conditions of the candidates until one matches. */
function visitCandidates<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  isWanted: (candidate: Candidate<T>) => boolean,
): Candidate<T> | undefined {
  const path = pathOf(attributes);
  const method = methodOf(attributes);
  const oldMethod = text(attributes['http.method']);
  let hosts: readonly string[] | undefined;
  for (let i = 0; i < candidates.length; i += 1) {
    const candidate = candidates[i] as Candidate<T>;
    if (candidate.path !== undefined && !matchesText(candidate.path, path)) continue;
    if (
      candidate.method !== undefined &&
      !matchesText(candidate.method, method) &&
      !matchesText(candidate.method, oldMethod)
    ) {
      continue;
    }
    if (candidate.host !== undefined) {
      hosts ??= hostsOf(attributes);
      if (!hosts.some(candidate.host)) continue;
    }
    if (isWanted(candidate)) return candidate;
  }
  return undefined;
}

function matchesText(matcher: Matcher, value: string | undefined): boolean {
  return value !== undefined && matcher(value);
}

function firstWithRest<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  service: ServiceInput,
): T | undefined {
  for (let i = 0; i < candidates.length; i += 1) {
    const { rest, value } = candidates[i] as Candidate<T>;
    if (meetsAll(rest, attributes, service)) return value;
  }
  return undefined;
}

function meetsAll(
  rest: readonly Condition[],
  attributes: Attributes,
  service: ServiceInput,
): boolean {
  for (let i = 0; i < rest.length; i += 1) {
    if (!isMet(rest[i] as Condition, attributes, service)) return false;
  }
  return true;
}
