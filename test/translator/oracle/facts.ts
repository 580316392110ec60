import { cleanName } from '../../../src/translator/blocks/name.ts';
import { KIND } from '../../../src/translator/context/span-traits.ts';
import type { SpanAttributes, TranslatableSpan } from '../../../src/translator/span.ts';
import { bareHost } from '../../../src/translator/values/host.ts';

/** A field with different values in the two translators. */
export interface Difference {
  readonly field: string;
  readonly theirs: unknown;
  readonly ours: unknown;
  readonly span: TranslatableSpan;
}

/** A reason for a difference: a row of docs/spec/translation.md, and when it applies. */
export interface DifferenceClass {
  readonly row: string;
  readonly about: string;
  readonly fields: readonly string[];
  readonly when: (difference: Difference, facts: Facts) => boolean;
}

/** Properties of a span for the predicates. */
export interface Facts {
  readonly a: SpanAttributes;
  readonly resource: SpanAttributes;
  readonly kind: number;
  readonly isCaller: boolean;
  readonly isSdk: boolean;
  readonly isRemote: boolean;
  readonly hasParent: boolean;
  readonly isMarkedRoot: boolean;
  readonly isSplitByUs: boolean;
  readonly isSegment: boolean;
}

export const QUEUE_SOURCES: readonly string[] = [
  'messaging.url',
  'aws.sqs.queue.url',
  'aws.queue_url',
  'aws.queue.url',
];
export const TABLE_SOURCES: readonly string[] = [
  'aws.dynamodb.table_names',
  'aws.table_name',
  'aws.table.name',
];
export const HTTP_SIGNS: readonly string[] = [
  'http.request.method',
  'http.method',
  'http.request.method_original',
  'http.client_ip',
  'user_agent.original',
  'http.user_agent',
  'http.status_code',
  'http.response.status_code',
  'url.full',
  'http.url',
  'http.host',
  'http.target',
  'http.server_name',
  'url.path',
  'url.query',
];

export type ExceptionRow = readonly [type: string, message: string, remote: boolean];

export function list(value: unknown): readonly ExceptionRow[] {
  return (value ?? []) as readonly ExceptionRow[];
}

/** Returns the row with our default type, `exception`, for events without type and message. */
export function withType([type, message, remote]: ExceptionRow): ExceptionRow {
  return [type === '' && message === '' ? 'exception' : type, message, remote];
}

export function withoutMicrosecond([type, message, remote]: ExceptionRow): ExceptionRow {
  return [type, message.replace(/^(-?\d+@\d+)\.\d{6}@/, '$1@'), remote];
}

export function isSubsequence(
  part: readonly ExceptionRow[],
  whole: readonly ExceptionRow[],
): boolean {
  let at = 0;
  for (const item of whole) if (at < part.length && same(item, part[at])) at += 1;
  return at === part.length;
}

/**
 * Returns whether the rows differ only in a numeric type or in `remote` of a local failure. A plain
 * `Error` is one on the spans of some databases.
 */
export function isSameButForKind(theirs: ExceptionRow, ours: ExceptionRow | undefined): boolean {
  if (ours === undefined || ours[1] !== theirs[1]) return false;
  const isLocal =
    /^(?:E[A-Z_]+|UND_ERR_\w+|ERR_\w+|(?:(?:Abort|Timeout|Type|Range|Syntax|Reference)?Error))$/;
  const isKnown = isLocal.test(ours[0]) || /\bE[A-Z]{4,}\b|hang up$/.test(ours[1]);
  return (
    (ours[0] === withType(theirs)[0] || /^\d[\dA-Z]*$/.test(theirs[0])) &&
    (ours[2] === theirs[2] || (theirs[2] && isKnown))
  );
}

export function isCutOf([type, message]: ExceptionRow, ours: ExceptionRow | undefined): boolean {
  return (
    ours !== undefined &&
    (type === '' || withType([type, message, false])[0].startsWith(ours[0])) &&
    (message.startsWith(ours[1]) || message === '')
  );
}

export function hasException({ events }: TranslatableSpan): boolean {
  return events.some(({ name }) => name === 'exception');
}

/** Returns a URL as it appears in our documents. Independent of the code under test. */
export function shown(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  const text = url
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/#.*$/s, '')
    .replace(/^([a-z]+:\/\/)?[^/?#]*@/, '$1')
    .trim()
    .replace(/\s/g, encodeURIComponent)
    .replace(/([?&](?:sig|token|X-Amz-Signature)=)[^&]+/g, '$1REDACTED');
  return text === '' ? undefined : text;
}

/** Returns whether the span has a host for a URL: the server's or the callee's. */
export function hasHost({ a, kind }: Facts): boolean {
  const own = ['http.server_name', 'net.host.name', 'host.name', 'server.address'];
  const callees = ['net.peer.name', 'server.address', 'net.peer.ip', 'network.peer.address'];
  return ['http.host', ...(kind === KIND.SERVER ? own : callees)].some(
    (key) => typeof a[key] === 'string' && !blank(a[key]),
  );
}

export function hasHttpSign({ a }: Facts): boolean {
  return HTTP_SIGNS.some((key) => !blank(a[key]));
}

/** Returns whether the URL starts with a host of the span. */
export function isBuiltFrom(url: string, { a }: Facts): boolean {
  const rest = url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, '').replace(/^\[/, '');
  return HOST_SOURCES.map((key) => a[key]).some(
    (host) =>
      typeof host === 'string' &&
      !blank(host) &&
      rest.startsWith((shown(host) ?? '').replace(/^\[/, '')),
  );
}

export const HOST_SOURCES: readonly string[] = [
  'http.host',
  'http.server_name',
  'net.host.name',
  'host.name',
  'server.address',
  'net.peer.name',
  'net.peer.ip',
  'network.peer.address',
];

export function otherCloud({ resource }: Facts): boolean {
  return !blank(resource['cloud.provider']) && resource['cloud.provider'] !== 'aws';
}

export function isText(value: unknown): boolean {
  return typeof value === 'string' && !blank(value);
}

export function keysOf(value: unknown): readonly string[] {
  return Object.keys(value ?? {});
}

export function isListed(key: string, { a }: Facts): boolean {
  const items = a['aws.xray.annotations'];
  const keys = Array.isArray(items) ? items : String(items).split(',');
  return keys.some((item) => String(item).replace(/[^A-Za-z0-9.]/gu, '_') === key);
}

export function named({ a }: Facts, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = a[key];
    if (typeof value === 'string' && cleanName(value) !== '') return cleanName(value);
  }
  return undefined;
}

export function hostNamed({ a }: Facts, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = a[key];
    if (typeof value === 'string' && cleanName(bareHost(value)) !== '')
      return cleanName(bareHost(value));
  }
  return undefined;
}

export function methodService({ a }: Facts): string | undefined {
  const method = a['rpc.method'];
  if (typeof method !== 'string' || !method.includes('/')) return undefined;
  return cleanName(method.slice(0, method.lastIndexOf('/')));
}

export function isHostOf(name: unknown, f: Facts): boolean {
  const hosts = ['http.host', 'server.address', 'net.peer.name', 'net.peer.ip'].map((key) =>
    hostNamed(f, key),
  );
  const urls = ['url.full', 'http.url'].map((key) => {
    const url = f.a[key];
    return typeof url === 'string' ? hostOfUrl(url) : undefined;
  });
  return [...hosts, ...urls].includes(name as string);
}

export function hostOfUrl(url: string): string | undefined {
  const authority = /^[a-z]+:\/\/([^/?#]*)/.exec(url)?.[1];
  return authority === undefined ? undefined : cleanName(bareHost(authority));
}

/** Returns `aws.local.service`, else rows 2 to 6 of docs/spec/translation.md section 2.2. */
export function serviceName({ a, resource }: Facts): string {
  const service = resource['service.name'];
  const isKnown = typeof service === 'string' && !service.startsWith('unknown_service');
  const candidates = [
    a['aws.local.service'],
    isKnown ? service : undefined,
    resource['faas.name'],
    resource['aws.ecs.task.family'],
    service,
  ];
  for (const value of candidates) {
    if (typeof value === 'string' && cleanName(value) !== '') return cleanName(value);
  }
  return '';
}

export function statusValues({ a }: Facts): readonly unknown[] {
  return [a['http.status_code'], a['http.response.status_code']].filter(
    (value) => value !== undefined,
  );
}

export function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

export function blank(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  );
}

export function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Returns the properties of a span for the predicates. */
export function factsOfSpan(span: TranslatableSpan, isSegment: boolean): Facts {
  const a = span.attributes;
  const isCaller = span.kind === KIND.CLIENT || span.kind === KIND.PRODUCER;
  const isMarkedRoot = a['aws.span.kind'] === 'LOCAL_ROOT';
  const hasParent = span.parentSpanContext !== undefined;
  const isRemote = span.parentSpanContext?.isRemote === true;
  return {
    a,
    resource: span.resource.attributes,
    kind: span.kind,
    isCaller,
    isSdk:
      a['rpc.system'] === 'aws-api' || ['aws-api', 'aws'].includes(String(a['rpc.system.name'])),
    isRemote,
    hasParent,
    isMarkedRoot,
    isSplitByUs: isCaller && (!hasParent || isRemote) && !isMarkedRoot,
    isSegment,
  };
}
