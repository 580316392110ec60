import { KIND } from '../../src/translator/facts.ts';
import { bareHost } from '../../src/translator/host.ts';
import { cleanName } from '../../src/translator/name.ts';
import type { SpanAttributes, TranslatableSpan } from '../../src/translator/span.ts';

/** One value that the two translators give differently. */
export interface Difference {
  readonly field: string;
  readonly theirs: unknown;
  readonly ours: unknown;
  readonly span: TranslatableSpan;
}

/** A reason to differ: a row of spec/translation.md, and when it applies. */
interface DifferenceClass {
  readonly row: string;
  readonly about: string;
  readonly fields: readonly string[];
  readonly when: (difference: Difference, facts: Facts) => boolean;
}

/** What the predicates ask about the span. */
interface Facts {
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

/** Every reason for which a document of ours differs from the collector's. */
export const DIFFERENCES: readonly DifferenceClass[] = [
  {
    row: 'B-10',
    about: 'a root call is a service segment and a dependency subsegment',
    fields: ['count', 'type', 'parent_id'],
    when: (_, f) => f.isSplitByUs,
  },
  {
    row: 'B-09',
    about: 'a consumer below a local parent is a subsegment',
    fields: ['type'],
    when: ({ ours }, f) =>
      f.kind === KIND.CONSUMER && f.hasParent && !f.isRemote && ours === 'subsegment',
  },
  {
    row: 'B-07',
    about: 'an internal span below a remote parent is a segment',
    fields: ['type'],
    when: ({ theirs, ours }, f) => f.isRemote && theirs === 'subsegment' && ours === undefined,
  },
  {
    row: 'B-07',
    about: 'the split under LOCAL_ROOT is the same; the service part has a random id in both',
    fields: ['parent_id'],
    when: (_, f) => f.isMarkedRoot && f.kind !== KIND.SERVER && f.kind !== KIND.INTERNAL,
  },
  {
    row: 'B-15',
    about: 'a segment is named after its service',
    fields: ['name'],
    when: ({ ours, span }, f) =>
      f.isSegment && (ours === serviceName(f) || ours === (cleanName(span.name) || 'span')),
  },
  {
    row: 'B-14',
    about: 'names are cleaned, from every source',
    fields: ['name'],
    when: ({ theirs, ours }) =>
      blank(theirs) || (ours === (cleanName(String(theirs)) || 'span') && ours !== theirs),
  },
  {
    row: '2.3 row 2',
    about: 'service.peer.name names the other side',
    fields: ['name'],
    when: ({ ours }, f) => !f.isSegment && ours === named(f, 'service.peer.name', 'peer.service'),
  },
  {
    row: 'B-16',
    about: 'an AWS SDK call is named after the service',
    fields: ['name'],
    when: ({ ours }, f) =>
      f.isSdk &&
      (ours === named(f, 'aws.service', 'rpc.service') ||
        ours === methodService(f) ||
        [`AWS.SDK.${ours}`, `AWS::${ours}`].includes(String(f.a['aws.remote.service']))),
  },
  {
    row: 'B-39',
    about: 'a database is database@host, else the host, else the system (2.3 rows 5 and 6)',
    fields: ['name'],
    when: ({ ours }, f) =>
      (isText(f.a['db.system.name']) || isText(f.a['db.system'])) &&
      (String(ours).includes('@') ||
        ours === named(f, 'db.namespace', 'db.name') ||
        ours === hostNamed(f, 'server.address', 'net.peer.name') ||
        /^(?:db\.example|h|localhost)$/.test(String(ours)) ||
        ours === named(f, 'db.system.name', 'db.system')),
  },
  {
    row: '2.3 row 7',
    about: 'messaging is named after the destination',
    fields: ['name'],
    when: ({ ours }, f) =>
      ours === named(f, 'messaging.destination.name', 'messaging.destination') ||
      ours === named(f, 'messaging.system'),
  },
  {
    row: '2.3 row 8',
    about: 'a call of a function is named after it',
    fields: ['name'],
    when: ({ ours }, f) => f.kind === KIND.CLIENT && ours === named(f, 'faas.invoked_name'),
  },
  {
    row: '2.3 row 9',
    about: 'an RPC is named after its service',
    fields: ['name'],
    when: ({ ours }, f) => ours === named(f, 'rpc.service') || ours === methodService(f),
  },
  {
    row: 'B-17',
    about: 'a call is named after the host, without port, new names too',
    fields: ['name'],
    when: ({ ours, span }, f) =>
      !f.isSegment && (isHostOf(ours, f) || ours === (cleanName(span.name) || 'span')),
  },
  {
    row: 'B-10',
    about: 'no segment has a namespace, every dependency has one',
    fields: ['namespace'],
    when: ({ ours }, f) => (f.isSegment ? ours === undefined : f.isSplitByUs && ours !== undefined),
  },
  {
    row: 'B-18',
    about: 'an SQL subsegment is always remote',
    fields: ['namespace'],
    when: ({ ours }, f) => ours === 'remote' && 'db.system' in f.a !== 'db.system.name' in f.a,
  },
  {
    row: 'B-18',
    about: 'an SQL subsegment is always remote (both names)',
    fields: ['namespace'],
    when: ({ ours }, f) => ours === 'remote' && 'db.system.name' in f.a,
  },
  {
    row: 'B-16',
    about: 'rpc.system.name is understood, and a consumer that is a subsegment may be aws',
    fields: ['namespace'],
    when: ({ ours }, f) => ours === 'aws' && f.isSdk,
  },
  {
    row: 'B-09',
    about: 'a consumer that is a subsegment has no namespace of a segment',
    fields: ['namespace'],
    when: (_, f) => f.kind === KIND.CONSUMER && !f.isSegment,
  },
  {
    row: '2.5',
    about: 'aws.service gives the namespace only where it gives the name',
    fields: ['namespace'],
    when: (_, f) =>
      named(f, 'aws.service') !== undefined &&
      (named(f, 'service.peer.name', 'peer.service') !== undefined ||
        named(f, 'aws.remote.service') !== undefined),
  },
  {
    row: 'B-42',
    about: 'user.id, numbers and enduser.id',
    fields: ['user'],
    when: ({ ours }, f) =>
      ours === String(f.a['user.id']).slice(0, 250) || ours === String(f.a['enduser.id']),
  },
  {
    row: 'B-10',
    about: 'the user is on the document of the span itself',
    fields: ['user'],
    when: ({ ours }, f) => ours === undefined && blank(f.a['user.id']) && blank(f.a['enduser.id']),
  },
  {
    row: 'B-01',
    about: 'both status attributes with different values: the stable name wins',
    fields: ['error', 'fault', 'throttle', 'http.response.status'],
    when: (_, f) =>
      'http.status_code' in f.a &&
      'http.response.status_code' in f.a &&
      f.a['http.status_code'] !== f.a['http.response.status_code'],
  },
  {
    row: 'B-02',
    about: 'a status that is text counts',
    fields: ['error', 'fault', 'throttle', 'http.response.status'],
    when: (_, f) => statusValues(f).some((value) => typeof value === 'string'),
  },
  {
    row: '3.2',
    about: 'a status outside 100 to 599, or no number, is no status',
    fields: ['error', 'fault', 'throttle', 'http.response.status'],
    when: (_, f) => statusValues(f).some((value) => !isStatus(value)),
  },
  {
    row: 'B-27',
    about: 'throttling of AWS, and gRPC codes',
    fields: ['error', 'fault', 'throttle'],
    when: (_, f) => f.isSdk || 'rpc.grpc.status_code' in f.a || 'rpc.response.status_code' in f.a,
  },
  {
    row: 'B-19',
    about: '_OTHER shows the real method',
    fields: ['http.request.method'],
    when: ({ ours }, f) => ours === f.a['http.request.method_original'],
  },
  {
    row: 'B-01',
    about: 'several method attributes: the stable name wins, a blank one is none',
    fields: ['http.request.method'],
    when: ({ ours }, f) =>
      ['http.request.method', 'http.method', 'http.request.method_original'].some(
        (key) => ours === f.a[key],
      ),
  },
  {
    row: 'B-04',
    about: 'a blank or unusable value is no value',
    fields: [
      'http.request.method',
      'http.request.user_agent',
      'aws.operation',
      'aws.account_id',
      'aws.queue_url',
      'aws.table_name',
    ],
    when: ({ ours, theirs }) =>
      ours === undefined &&
      (typeof theirs !== 'string' || theirs.trim() === '' || theirs === 'true'),
  },
  {
    row: 'B-01',
    about: 'both agents: the stable name wins, a blank one is none',
    fields: ['http.request.user_agent'],
    when: ({ ours }, f) => ours === f.a['user_agent.original'] || ours === f.a['http.user_agent'],
  },
  {
    row: 'section 10',
    about: 'an agent is cut at 1,024',
    fields: ['http.request.user_agent'],
    when: ({ ours, theirs }) =>
      String(theirs).startsWith(String(ours)) && String(ours).length >= 1_023,
  },
  {
    row: 'B-04',
    about: 'aws.service that is no text names nothing',
    fields: ['namespace'],
    when: (_, f) => 'aws.service' in f.a && !isText(f.a['aws.service']),
  },
  {
    row: 'section 10',
    about: 'names of things are cut at 250',
    fields: ['aws.table_name', 'aws.operation', 'aws.request_id', 'user'],
    when: ({ theirs, ours }) =>
      String(ours).length >= 249 && String(theirs).startsWith(String(ours)),
  },
  {
    row: 'B-26',
    about: "url.full of a queue call is the queue's",
    fields: ['http.request.url', 'aws.queue_url'],
    when: (_, f) =>
      f.isSdk &&
      /^(?:aws_sqs|AmazonSQS|aws\.sqs)$/.test(String(f.a['messaging.system'])) &&
      'url.full' in f.a,
  },
  {
    row: 'B-25',
    about: 'no user info, fragments, secrets or white space in URLs',
    fields: ['http.request.url', 'aws.queue_url'],
    when: ({ theirs, ours }) => typeof theirs === 'string' && ours === shown(theirs),
  },
  {
    row: 'B-01',
    about: 'several URLs: the stable name wins; blank ones are none',
    fields: ['http.request.url'],
    when: ({ ours }, f) =>
      ['url.full', 'http.url'].filter((key) => key in f.a).length > 0 &&
      ours === shown(f.a[isText(f.a['url.full']) ? 'url.full' : 'http.url']),
  },
  {
    row: 'B-04',
    about: 'no URL without a host, and none of scheme and port alone',
    fields: ['http.request.url'],
    when: ({ theirs, ours }, f) =>
      ours === undefined && (!hasHost(f) || !hasHttpSign(f)) && String(theirs).includes('://'),
  },
  {
    row: 'B-24',
    about: 'URLs are built from the new names too, with a proper host, port, path and query',
    fields: ['http.request.url'],
    when: ({ ours }, f) =>
      !isText(f.a['url.full']) && !isText(f.a['http.url']) && isBuiltFrom(String(ours), f),
  },
  {
    row: 'B-34',
    about: "a subsegment's account is the callee's, of twelve digits",
    fields: ['aws.account_id'],
    when: ({ theirs, ours }, f) =>
      (ours === undefined && !f.isSegment && theirs === f.resource['cloud.account.id']) ||
      (ours === undefined && !/^\d{12}$/.test(String(theirs))) ||
      (blank(theirs) && ours === f.resource['cloud.account.id']),
  },
  {
    row: 'B-32',
    about: 'an AWS SDK call from another cloud keeps its fields',
    fields: [
      'aws.operation',
      'aws.account_id',
      'aws.region',
      'aws.request_id',
      'aws.queue_url',
      'aws.table_name',
      'aws.table_names',
    ],
    when: ({ theirs }, f) => theirs === undefined && f.isSdk && otherCloud(f),
  },
  {
    row: 'B-35',
    about: 'names that the JavaScript instrumentation uses',
    fields: ['aws.region', 'aws.request_id'],
    when: ({ theirs, ours }, f) =>
      theirs === undefined &&
      ['aws.request_id', 'aws.requestId', 'aws.request.id', 'cloud.region'].some(
        (key) => ours === f.a[key],
      ),
  },
  {
    row: 'B-01',
    about: 'several request ids: the first name wins',
    fields: ['aws.request_id'],
    when: ({ ours }, f) => ours === f.a['aws.request_id'] && 'aws.requestId' in f.a,
  },
  {
    row: 'B-33',
    about: 'rpc.method is an operation of the AWS SDK only, without the service',
    fields: ['aws.operation'],
    when: ({ theirs, ours }, f) =>
      (theirs === f.a['rpc.method'] && (!f.isSdk || String(theirs).endsWith(`/${ours}`))) ||
      (theirs === f.a['rpc.method'] && ours === f.a['aws.operation']),
  },
  {
    row: '5.1',
    about: 'an operation of the AWS SDK also by its newest name',
    fields: ['aws.operation'],
    when: ({ ours }, f) => f.isSdk && String(f.a['rpc.method']).endsWith(String(ours)),
  },
  {
    row: '5.1',
    about: 'several queue URLs: the first source wins; only texts count',
    fields: ['aws.queue_url'],
    when: ({ ours }, f) => QUEUE_SOURCES.some((key) => ours === shown(f.a[key])),
  },
  {
    row: '5.1 (docs/rationale.md)',
    about: 'messaging.url of another system is no queue of AWS',
    fields: ['aws.queue_url'],
    when: ({ theirs, ours }, f) =>
      ours === undefined &&
      theirs === f.a['messaging.url'] &&
      !/^aws|^amazon/i.test(String(f.a['messaging.system'])),
  },
  {
    row: '5.1',
    about: 'table names: several sources, arrays, and the database of a DynamoDB call',
    fields: ['aws.table_name', 'aws.table_names'],
    when: (_, f) =>
      TABLE_SOURCES.filter((key) => key in f.a).length > 1 ||
      TABLE_SOURCES.some((key) => Array.isArray(f.a[key])) ||
      f.a['rpc.service'] === 'DynamoDB' ||
      ['dynamodb', 'aws.dynamodb'].includes(String(f.a['db.system.name'] ?? f.a['db.system'])),
  },
  {
    row: 'B-43',
    about: 'aws.xray.annotations reaches used attributes, and may be text',
    fields: ['annotations'],
    when: ({ ours }, f) =>
      'aws.xray.annotations' in f.a && keysOf(ours).every((key) => isListed(key, f)),
  },
  {
    row: 'B-16',
    about: 'failed attempts of the AWS SDK are exceptions under rpc.system.name, too',
    fields: ['cause'],
    when: ({ ours, theirs }, f) =>
      f.isSdk &&
      f.a['rpc.system'] !== 'aws-api' &&
      list(ours).some(([type]) => type === 'aws.http.error.event') &&
      list(theirs).length <= list(ours).length,
  },
  {
    row: 'B-28',
    about: 'an exception from the status has the type of error.type, and a place',
    fields: ['cause'],
    when: ({ theirs, ours, span }) =>
      span.status.code === 2 &&
      list(ours).length === 1 &&
      list(theirs).length <= 1 &&
      !hasException(span),
  },
  {
    row: 'B-31',
    about: 'causes in the text of a stack are exceptions of their own',
    fields: ['cause'],
    when: ({ theirs, ours, span }) =>
      hasException(span) && isSubsequence(list(theirs).map(withType), list(ours)),
  },
  {
    row: 'B-06',
    about: 'a moment in the text of a failed attempt is rounded to the microsecond',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      isSubsequence(list(theirs).map(withoutMicrosecond), list(ours).map(withoutMicrosecond)),
  },
  {
    row: '4.4',
    about: 'a Java cause without frames ends where the next one begins',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      list(theirs).length < list(ours).length &&
      list(theirs).some(([, message]) => message.includes('Caused by: ')),
  },
  {
    row: 'section 10',
    about: 'types and messages are cut, and a type that is no text becomes one',
    fields: ['cause'],
    when: ({ theirs, ours }) =>
      list(theirs).length === list(ours).length &&
      list(theirs).every((item, i) => isCutOf(item, list(ours)[i])),
  },
];

const QUEUE_SOURCES = ['messaging.url', 'aws.sqs.queue.url', 'aws.queue_url', 'aws.queue.url'];
const TABLE_SOURCES = ['aws.dynamodb.table_names', 'aws.table_name', 'aws.table.name'];
const HTTP_SIGNS = [
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

type ExceptionRow = readonly [type: string, message: string, remote: boolean];

function list(value: unknown): readonly ExceptionRow[] {
  return (value ?? []) as readonly ExceptionRow[];
}

/** Ours says "exception" where an event has neither type nor message. */
function withType([type, message, remote]: ExceptionRow): ExceptionRow {
  return [type === '' && message === '' ? 'exception' : type, message, remote];
}

function withoutMicrosecond([type, message, remote]: ExceptionRow): ExceptionRow {
  return [type, message.replace(/^(-?\d+@\d+)\.\d{6}@/, '$1@'), remote];
}

function isSubsequence(part: readonly ExceptionRow[], whole: readonly ExceptionRow[]): boolean {
  let at = 0;
  for (const item of whole) if (at < part.length && same(item, part[at])) at += 1;
  return at === part.length;
}

function isCutOf([type, message]: ExceptionRow, ours: ExceptionRow | undefined): boolean {
  return (
    ours !== undefined &&
    (type === '' || withType([type, message, false])[0].startsWith(ours[0])) &&
    (message.startsWith(ours[1]) || message === '')
  );
}

function hasException({ events }: TranslatableSpan): boolean {
  return events.some(({ name }) => name === 'exception');
}

/** A URL as we show it; written apart from the code under test. */
function shown(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  return url
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/#.*$/s, '')
    .replace(/^([a-z]+:\/\/)[^/?#]*@/, '$1')
    .trim()
    .replace(/\s/g, encodeURIComponent)
    .replace(/([?&](?:sig|token|X-Amz-Signature)=)[^&]+/g, '$1REDACTED');
}

/** Whether some host of the span can stand in a URL: the server's own, or the callee's. */
function hasHost({ a, kind }: Facts): boolean {
  const own = ['http.server_name', 'net.host.name', 'host.name', 'server.address'];
  const callees = ['net.peer.name', 'server.address', 'net.peer.ip', 'network.peer.address'];
  return ['http.host', ...(kind === KIND.SERVER ? own : callees)].some(
    (key) => typeof a[key] === 'string' && !blank(a[key]),
  );
}

function hasHttpSign({ a }: Facts): boolean {
  return HTTP_SIGNS.some((key) => !blank(a[key]));
}

/** Whether the URL begins with a host of the span. */
function isBuiltFrom(url: string, { a }: Facts): boolean {
  const rest = url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, '').replace(/^\[/, '');
  return HOST_SOURCES.map((key) => a[key]).some(
    (host) =>
      typeof host === 'string' &&
      !blank(host) &&
      rest.startsWith((shown(host) ?? '').replace(/^\[/, '')),
  );
}

const HOST_SOURCES = [
  'http.host',
  'http.server_name',
  'net.host.name',
  'host.name',
  'server.address',
  'net.peer.name',
  'net.peer.ip',
  'network.peer.address',
];

function otherCloud({ resource }: Facts): boolean {
  return !blank(resource['cloud.provider']) && resource['cloud.provider'] !== 'aws';
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && !blank(value);
}

function keysOf(value: unknown): readonly string[] {
  return Object.keys(value ?? {});
}

function isListed(key: string, { a }: Facts): boolean {
  const items = a['aws.xray.annotations'];
  const keys = Array.isArray(items) ? items : String(items).split(',');
  return keys.some((item) => String(item).replace(/[^A-Za-z0-9.]/gu, '_') === key);
}

function named({ a }: Facts, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = a[key];
    if (typeof value === 'string' && cleanName(value) !== '') return cleanName(value);
  }
  return undefined;
}

function hostNamed({ a }: Facts, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = a[key];
    if (typeof value === 'string' && cleanName(bareHost(value)) !== '')
      return cleanName(bareHost(value));
  }
  return undefined;
}

function methodService({ a }: Facts): string | undefined {
  const method = a['rpc.method'];
  if (typeof method !== 'string' || !method.includes('/')) return undefined;
  return cleanName(method.slice(0, method.lastIndexOf('/')));
}

function isHostOf(name: unknown, f: Facts): boolean {
  const hosts = ['http.host', 'server.address', 'net.peer.name', 'net.peer.ip'].map((key) =>
    hostNamed(f, key),
  );
  const urls = ['url.full', 'http.url'].map((key) => {
    const url = f.a[key];
    return typeof url === 'string' ? hostOfUrl(url) : undefined;
  });
  return [...hosts, ...urls].includes(name as string);
}

function hostOfUrl(url: string): string | undefined {
  const authority = /^[a-z]+:\/\/([^/?#]*)/.exec(url)?.[1];
  return authority === undefined ? undefined : cleanName(bareHost(authority));
}

/** Rows 2 to 6 of section 2.2, behind `aws.local.service`. */
function serviceName({ a, resource }: Facts): string {
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

function statusValues({ a }: Facts): readonly unknown[] {
  return [a['http.status_code'], a['http.response.status_code']].filter(
    (value) => value !== undefined,
  );
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

function blank(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  );
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** What the predicates know of a span. */
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
