import { type AttributeReader, from } from '../context/attributes.ts';
import type { ResourceParts } from '../context/resource.ts';
import { KIND, type SpanFacts } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import { bareHost, hostOfUrl } from '../values/host.ts';
import { cutCodePoints, remembering } from '../values/text.ts';

const NAMES = {
  local: from('aws.local.service'),
  remote: from('aws.remote.service'),
  peer: from('service.peer.name', 'peer.service'),
  awsService: from('aws.service'),
  rpcService: from('rpc.service'),
  rpcMethod: from('rpc.method'),
  rpcSystem: from('rpc.system.name', 'rpc.system'),
  sdkService: from('aws.service.name'),
  database: from('db.namespace', 'db.name'),
  connection: from('db.connection_string'),
  host: from('server.address', 'net.peer.name'),
  messaging: from('messaging.system'),
  template: from('messaging.destination.template'),
  destination: from('messaging.destination.name', 'messaging.destination'),
  temporary: from('messaging.destination.temporary', 'messaging.temp_destination'),
  anonymous: from('messaging.destination.anonymous'),
  invoked: from('faas.invoked_name'),
  hostHeader: from('http.host'),
  url: from('url.full', 'http.url'),
  peerAddress: from('net.peer.ip'),
} as const;

/** When nothing else is left after cleaning. */
const LAST_RESORT = 'span';

/**
 * A name that X-Ray accepts; empty when nothing of it is left.
 *
 * A document whose name holds any other character is refused (`InvalidName`), and so lost.
 */
export const cleanName: (text: string) => string = remembering((text) => {
  const clean = text
    .slice(0, 4_096)
    .replace(/\s+/gu, ' ')
    .replace(/[^ \p{L}\p{N}_.:/%&#=+\-@]/gu, '')
    .trim();
  return cutCodePoints(clean, LIMITS.name).trim();
});

const hostName = remembering((text) => cleanName(bareHost(text)));
const urlHostName = remembering((url) => cleanName(hostOfUrl(url) ?? ''));
const connectionHostName = remembering((text) => {
  const url = text.startsWith('jdbc:') ? text.slice(5) : text;
  // `jdbc:sqlserver://host;databaseName=x` goes on behind the host without a slash.
  const host = hostOfUrl(url)?.split(';')[0] ?? '';
  return host.includes('%') ? '' : cleanName(host);
});

/** Name of a segment: the service it is a part of (section 2.2, B-15). */
export function segmentName(
  spanName: string,
  reader: AttributeReader,
  resource: ResourceParts,
): string {
  return used(reader.peekText(NAMES.local)) || resource.name || cleanName(spanName) || LAST_RESORT;
}

/**
 * Name of a subsegment: the other side of the call, else the operation (section 2.3).
 *
 * The rows are tried in the order of the specification; one that leaves nothing usable is passed over.
 */
export function subsegmentName(
  spanName: string,
  reader: AttributeReader,
  facts: SpanFacts,
  hasHttp: boolean,
): string {
  const { kind, isCaller, isAwsSdk } = facts;
  const isRemote = isCaller || kind === KIND.CONSUMER;
  return (
    (isRemote && remoteService(reader, isAwsSdk)) ||
    used(reader.peekText(NAMES.peer)) ||
    (isAwsSdk && awsSdkService(reader)) ||
    used(reader.peekText(NAMES.awsService)) ||
    (facts.dbSystem !== undefined && databaseName(reader, facts, facts.dbSystem)) ||
    (reader.has(NAMES.messaging) && messagingName(reader)) ||
    (kind === KIND.CLIENT && used(reader.peekText(NAMES.invoked))) ||
    rpcName(reader) ||
    ((isCaller || hasHttp) && calleeHost(reader)) ||
    cleanName(spanName) ||
    LAST_RESORT
  );
}

function used(text: string | undefined): string {
  return text === undefined ? '' : cleanName(text);
}

function remoteService(reader: AttributeReader, isAwsSdk: boolean): string {
  const name = reader.peekText(NAMES.remote);
  if (name === undefined) return '';
  return cleanName(isAwsSdk ? withoutAwsPrefix(name) : name);
}

/** One of the two prefixes, once (section 2.4). */
function withoutAwsPrefix(name: string): string {
  if (name.startsWith('AWS.SDK.')) return name.slice(8);
  return name.startsWith('AWS::') ? name.slice(5) : name;
}

function awsSdkService(reader: AttributeReader): string {
  return (
    used(reader.peekText(NAMES.awsService)) ||
    used(reader.peekText(NAMES.rpcService)) ||
    serviceOfMethod(reader) ||
    used(reader.peekText(NAMES.sdkService))
  );
}

/** `S3` of `S3/GetObject`, the form of the newest conventions. */
function serviceOfMethod(reader: AttributeReader): string {
  const method = reader.peekText(NAMES.rpcMethod);
  const slash = method === undefined ? -1 : method.lastIndexOf('/');
  return method === undefined || slash === -1 ? '' : cleanName(method.slice(0, slash));
}

/** `database@host` as the X-Ray SDKs write it; without a database the host, else the system. */
function databaseName(reader: AttributeReader, facts: SpanFacts, system: string): string {
  const host =
    used2(reader.peekText(NAMES.connection), connectionHostName) ||
    used2(reader.peekText(NAMES.host), hostName);
  const mayName = facts.kind === KIND.CLIENT || facts.kind === KIND.INTERNAL;
  const database = mayName ? used(reader.peekText(NAMES.database)) : '';
  if (database !== '') return host === '' ? database : cleanName(`${database}@${host}`);
  return host || cleanName(system);
}

function used2(text: string | undefined, clean: (text: string) => string): string {
  return text === undefined ? '' : clean(text);
}

function messagingName(reader: AttributeReader): string {
  const passing = reader.peek(NAMES.temporary) === true || reader.peek(NAMES.anonymous) === true;
  return (
    used(reader.peekText(NAMES.template)) ||
    (passing ? '' : used(reader.peekText(NAMES.destination))) ||
    used(reader.peekText(NAMES.messaging))
  );
}

function rpcName(reader: AttributeReader): string {
  return (
    used(reader.peekText(NAMES.rpcService)) ||
    (reader.has(NAMES.rpcSystem) ? serviceOfMethod(reader) : '')
  );
}

function calleeHost(reader: AttributeReader): string {
  return (
    used2(reader.peekText(NAMES.hostHeader), hostName) ||
    used2(reader.peekText(NAMES.host), hostName) ||
    used2(reader.peekText(NAMES.url), urlHostName) ||
    used2(reader.peekText(NAMES.peerAddress), hostName)
  );
}

/** Whether the span names the other side by `aws.service` or `aws.remote.service` (section 2.5). */
export function namespaceOf(
  reader: AttributeReader,
  facts: SpanFacts,
  hasSql: boolean,
): 'aws' | 'remote' | undefined {
  if (facts.isAwsSdk || namedByAwsService(reader, facts)) return 'aws';
  if (facts.isCaller) return 'remote';
  if (facts.kind === KIND.CONSUMER && reader.has(NAMES.remote)) return 'remote';
  return hasSql ? 'remote' : undefined;
}

/** `aws.service` is the source of the name when the rows before it have none. */
function namedByAwsService(reader: AttributeReader, facts: SpanFacts): boolean {
  if (used(reader.peekText(NAMES.awsService)) === '') return false;
  const isRemote = facts.isCaller || facts.kind === KIND.CONSUMER;
  return !(isRemote && remoteService(reader, false)) && used(reader.peekText(NAMES.peer)) === '';
}
