import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { type Condition, conditionsOf, meets } from './match.ts';
import type { SamplingRule } from './rule.ts';
import { hostsOf, methodOf, pathOf, type ServiceFacts, text } from './rule-input.ts';
import type { Matcher } from './wildcard.ts';

/** Finds the rule of a request. */
export interface RuleIndex<T> {
  /** The first rule that takes the request, or `undefined`. */
  find(attributes: Attributes): T | undefined;
}

/** A rule as far as it depends on the request; what depends on the process is settled already. */
interface Candidate<T> {
  readonly value: T;
  readonly path: Matcher | undefined;
  readonly method: Matcher | undefined;
  readonly host: Matcher | undefined;
  /** Conditions on attributes and ARNs, which are not remembered. */
  readonly rest: readonly Condition[];
}

/** What was found for one combination of path, method and host. */
interface Found<T> {
  readonly method: AttributeValue | undefined;
  readonly oldMethod: AttributeValue | undefined;
  readonly host: AttributeValue | undefined;
  readonly port: AttributeValue | undefined;
  readonly oldHost: AttributeValue | undefined;
  readonly netHost: AttributeValue | undefined;
  readonly netPort: AttributeValue | undefined;
  /** In order; the first whose `rest` is met takes the request. */
  readonly candidates: readonly Candidate<T>[];
}

/** With fewer rules going through them is as fast as remembering. */
const REMEMBER_FROM = 8;
const MAX_PATHS = 1_000;
const MAX_PER_PATH = 16;
/** So many requests are not looked up after a memory full of paths that hardly came again. */
const REST_FOR = 10 * MAX_PATHS;
/** Longer paths are not kept: strangers choose them. */
const MAX_PATH_LENGTH = 256;

/**
 * Compiles the rules, which stand in their order, for one process.
 *
 * Conditions on the service are settled here once. For the rest, the rules that a path, method and
 * host let through are remembered, in bounded space, so that a decision costs the same with ten
 * rules and with thousands.
 */
export function indexRules<T>(
  rules: readonly { readonly rule: SamplingRule; readonly value: T }[],
  service: ServiceFacts,
): RuleIndex<T> {
  const candidates: Candidate<T>[] = [];
  for (const { rule, value } of rules) {
    const conditions = conditionsOf(rule);
    const ofService = conditions.filter(({ field }) => SERVICE_FIELDS.has(field));
    if (!ofService.every((condition) => meets(condition, {}, service))) continue;
    const matcher = (field: string) => conditions.find((c) => c.field === field)?.fits;
    const rest = conditions.filter(({ field }) => !OWN_FIELDS.has(field));
    const candidate: Candidate<T> = {
      value,
      path: matcher('URLPath'),
      method: matcher('HTTPMethod'),
      host: matcher('Host'),
      rest: rest.filter((c) => c.field !== 'ResourceARN' || !meets(c, {}, service)),
    };
    candidates.push(candidate);
    // Nothing behind a rule without conditions can ever be reached.
    if (isOpen(candidate)) break;
  }
  return lookUp(candidates, service);
}

const SERVICE_FIELDS: ReadonlySet<string> = new Set(['ServiceName', 'ServiceType']);
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...SERVICE_FIELDS,
  'URLPath',
  'HTTPMethod',
  'Host',
]);

function isOpen<T>({ path, method, host, rest }: Candidate<T>): boolean {
  return path === undefined && method === undefined && host === undefined && rest.length === 0;
}

function lookUp<T>(candidates: readonly Candidate<T>[], service: ServiceFacts): RuleIndex<T> {
  const first = candidates[0];
  if (first === undefined) return { find: () => undefined };
  if (isOpen(first)) return { find: () => first.value };
  const usesHost = candidates.some(({ host }) => host !== undefined);
  if (candidates.length < REMEMBER_FROM && !usesHost) {
    return { find: (attributes) => firstThrough(candidates, attributes, service) };
  }
  const memory = new Map<string, Found<T>[]>();
  let hits = 0;
  let restFor = 0;
  return {
    find(attributes) {
      if (restFor > 0) {
        restFor -= 1;
        return firstThrough(candidates, attributes, service);
      }
      // The path as the span has it: cutting a query off would make a new text each time.
      const path = attributes['url.path'];
      if (typeof path !== 'string' || !canRemember(path, attributes, usesHost)) {
        return firstThrough(candidates, attributes, service);
      }
      let list = memory.get(path);
      let found = list === undefined ? undefined : recall(list, attributes, usesHost);
      if (found !== undefined) {
        hits += 1;
      } else {
        found = remember(allThrough(candidates, attributes), attributes, usesHost);
        if (list === undefined) {
          if (memory.size >= MAX_PATHS) {
            if (hits < MAX_PATHS) restFor = REST_FOR;
            hits = 0;
            memory.clear();
          }
          list = [];
          memory.set(path, list);
        } else if (list.length >= MAX_PER_PATH) {
          list.length = 0;
        }
        list.push(found);
      }
      return firstMet(found.candidates, attributes, service);
    },
  };
}

/** A client may choose any text for an unknown method; the Host header comes as a list. */
function canRemember(path: string, attributes: Attributes, usesHost: boolean): boolean {
  return (
    path.length <= MAX_PATH_LENGTH &&
    attributes['http.request.method'] !== '_OTHER' &&
    !(usesHost && attributes['http.request.header.host'] !== undefined)
  );
}

function recall<T>(
  list: readonly Found<T>[],
  attributes: Attributes,
  usesHost: boolean,
): Found<T> | undefined {
  const method = attributes['http.request.method'];
  const oldMethod = attributes['http.method'];
  for (let i = 0; i < list.length; i += 1) {
    const found = list[i] as Found<T>;
    if (found.method !== method || found.oldMethod !== oldMethod) continue;
    if (!usesHost || sameHost(found, attributes)) return found;
  }
  return undefined;
}

function sameHost<T>(found: Found<T>, attributes: Attributes): boolean {
  return (
    found.host === attributes['server.address'] &&
    found.port === attributes['server.port'] &&
    found.oldHost === attributes['http.host'] &&
    found.netHost === attributes['net.host.name'] &&
    found.netPort === attributes['net.host.port']
  );
}

function remember<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  usesHost: boolean,
): Found<T> {
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

/** The rules that path, method and host let through, up to the first that asks for nothing more. */
function allThrough<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
): Candidate<T>[] {
  const result: Candidate<T>[] = [];
  visitThrough(candidates, attributes, (candidate) => {
    result.push(candidate);
    return candidate.rest.length === 0;
  });
  return result;
}

function firstThrough<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  service: ServiceFacts,
): T | undefined {
  return visitThrough(candidates, attributes, ({ rest }) => meetsAll(rest, attributes, service))
    ?.value;
}

/** Goes through the candidates that path, method and host let pass, until one is wanted. */
function visitThrough<T>(
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
    if (candidate.path !== undefined && !fitsText(candidate.path, path)) continue;
    if (
      candidate.method !== undefined &&
      !fitsText(candidate.method, method) &&
      !fitsText(candidate.method, oldMethod)
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

function fitsText(matcher: Matcher, value: string | undefined): boolean {
  return value !== undefined && matcher(value);
}

function firstMet<T>(
  candidates: readonly Candidate<T>[],
  attributes: Attributes,
  service: ServiceFacts,
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
  service: ServiceFacts,
): boolean {
  for (let i = 0; i < rest.length; i += 1) {
    if (!meets(rest[i] as Condition, attributes, service)) return false;
  }
  return true;
}
