import { type AttributeReader, names } from '../context/attributes.ts';
import type { ResourceParts } from '../context/resource.ts';
import { KIND, type SpanTraits } from '../context/span-traits.ts';
import { LIMITS } from '../limits.ts';
import {
  connectionParts,
  databaseAddress,
  redactConnectionString,
} from '../values/connection-string.ts';
import { bareHost, hostOfUrl } from '../values/host.ts';
import { memoize, truncateCodePoints } from '../values/text.ts';
import { redactUrlsIn } from '../values/url.ts';

const NAMES = {
  local: names('aws.local.service'),
  remote: names('aws.remote.service'),
  peer: names('service.peer.name', 'peer.service'),
  awsService: names('aws.service'),
  rpcService: names('rpc.service'),
  rpcMethod: names('rpc.method'),
  rpcSystem: names('rpc.system.name', 'rpc.system'),
  sdkService: names('aws.service.name'),
  database: names('db.namespace', 'db.name'),
  connection: names('db.connection_string'),
  host: names('server.address', 'net.peer.name'),
  messaging: names('messaging.system'),
  template: names('messaging.destination.template'),
  destination: names('messaging.destination.name', 'messaging.destination'),
  temporary: names('messaging.destination.temporary', 'messaging.temp_destination'),
  anonymous: names('messaging.destination.anonymous'),
  invoked: names('faas.invoked_name'),
  hostHeader: names('http.host'),
  url: names('url.full', 'http.url'),
  peerAddress: names('net.peer.ip'),
} as const;

/** When nothing else is left after cleaning. */
const LAST_RESORT = 'span';

/**
 * A name that X-Ray accepts; empty when nothing of it is left.
 *
 * A document whose name holds any other character is refused (`InvalidName`), and so lost.
 */
export const cleanName: (text: string) => string = memoize((text) => {
  const clean = redactUrlsIn(text.slice(0, 4_096))
    .replace(/\s+/gu, ' ')
    .replace(/[^ \p{L}\p{N}_.:/%&#=+\-@]/gu, '')
    .trim();
  return truncateCodePoints(clean, LIMITS.name).trim();
});

const hostName = memoize((text) => cleanName(bareHost(text)));
const urlHostName = memoize((url) => cleanName(hostOfUrl(url) ?? ''));
/** Host and database of a connection string as names. */
const connectionNames = memoize((text) => {
  const { host = '', database = '' } = connectionParts(redactConnectionString(text));
  return { host: host.includes('%') ? '' : cleanName(host), database: cleanName(database) };
});
const NO_CONNECTION = { host: '', database: '' };
const databaseHostName = memoize((text) => cleanName(databaseAddress(text).host ?? ''));

/** Name of a segment: the service it is a part of (docs/spec/translation.md section 2.2, B-15). */
export function segmentName(
  spanName: string,
  reader: AttributeReader,
  resource: ResourceParts,
): string {
  return (
    cleaned(reader.peekText(NAMES.local)) || resource.name || cleanName(spanName) || LAST_RESORT
  );
}

/**
 * Name of a subsegment: the other side of the call, else the operation (docs/spec/translation.md
 * section 2.3).
 *
 * The rows are tried in the order of the specification; one that leaves nothing usable is passed over.
 */
export function subsegmentName(
  spanName: string,
  reader: AttributeReader,
  traits: SpanTraits,
  hasHttp: boolean,
): string {
  const { kind, isCaller, isAwsSdk } = traits;
  const isRemote = isCaller || kind === KIND.CONSUMER;
  return (
    (isRemote && remoteService(reader, isAwsSdk)) ||
    cleaned(reader.peekText(NAMES.peer)) ||
    (isAwsSdk && awsSdkService(reader)) ||
    cleaned(reader.peekText(NAMES.awsService)) ||
    (traits.dbSystem !== undefined && databaseName(reader, traits, traits.dbSystem)) ||
    (reader.has(NAMES.messaging) && messagingName(reader)) ||
    (kind === KIND.CLIENT && cleaned(reader.peekText(NAMES.invoked))) ||
    rpcName(reader) ||
    ((isCaller || hasHttp) && calleeHost(reader)) ||
    cleanName(spanName) ||
    LAST_RESORT
  );
}

function cleaned(text: string | undefined): string {
  return text === undefined ? '' : cleanName(text);
}

function remoteService(reader: AttributeReader, isAwsSdk: boolean): string {
  const name = reader.peekText(NAMES.remote);
  if (name === undefined) return '';
  return cleanName(isAwsSdk ? withoutAwsPrefix(name) : name);
}

/** One of the two prefixes, once (docs/spec/translation.md section 2.4). */
function withoutAwsPrefix(name: string): string {
  if (name.startsWith('AWS.SDK.')) return name.slice(8);
  return name.startsWith('AWS::') ? name.slice(5) : name;
}

function awsSdkService(reader: AttributeReader): string {
  return (
    cleaned(reader.peekText(NAMES.awsService)) ||
    cleaned(reader.peekText(NAMES.rpcService)) ||
    serviceOfMethod(reader) ||
    cleaned(reader.peekText(NAMES.sdkService))
  );
}

/** `S3` of `S3/GetObject`, the form of the newest conventions. */
function serviceOfMethod(reader: AttributeReader): string {
  const method = reader.peekText(NAMES.rpcMethod);
  const slash = method === undefined ? -1 : method.lastIndexOf('/');
  return method === undefined || slash === -1 ? '' : cleanName(method.slice(0, slash));
}

/** `database@host` as the X-Ray SDKs write it; without a database the host, else the system. */
function databaseName(reader: AttributeReader, traits: SpanTraits, system: string): string {
  const text = reader.peekText(NAMES.connection);
  const connection = text === undefined ? NO_CONNECTION : connectionNames(text);
  const host = connection.host || cleanedBy(reader.peekText(NAMES.host), databaseHostName);
  const mayName = traits.kind === KIND.CLIENT || traits.kind === KIND.INTERNAL;
  const database = mayName ? cleaned(reader.peekText(NAMES.database)) || connection.database : '';
  if (database !== '') return host === '' ? database : cleanName(`${database}@${host}`);
  return host || cleanName(system);
}

function cleanedBy(text: string | undefined, clean: (text: string) => string): string {
  return text === undefined ? '' : clean(text);
}

function messagingName(reader: AttributeReader): string {
  const passing = reader.peek(NAMES.temporary) === true || reader.peek(NAMES.anonymous) === true;
  return (
    cleaned(reader.peekText(NAMES.template)) ||
    (passing ? '' : cleaned(reader.peekText(NAMES.destination))) ||
    cleaned(reader.peekText(NAMES.messaging))
  );
}

function rpcName(reader: AttributeReader): string {
  return (
    cleaned(reader.peekText(NAMES.rpcService)) ||
    (reader.has(NAMES.rpcSystem) ? serviceOfMethod(reader) : '')
  );
}

function calleeHost(reader: AttributeReader): string {
  return (
    cleanedBy(reader.peekText(NAMES.hostHeader), hostName) ||
    cleanedBy(reader.peekText(NAMES.host), hostName) ||
    cleanedBy(reader.peekText(NAMES.url), urlHostName) ||
    cleanedBy(reader.peekText(NAMES.peerAddress), hostName)
  );
}

/**
 * Whether the span names the other side by `aws.service` or `aws.remote.service`
 * (docs/spec/translation.md section 2.5).
 */
export function namespaceOf(
  reader: AttributeReader,
  traits: SpanTraits,
  hasSql: boolean,
): 'aws' | 'remote' | undefined {
  if (traits.isAwsSdk || namedByAwsService(reader, traits)) return 'aws';
  if (traits.isCaller) return 'remote';
  if (traits.kind === KIND.CONSUMER && reader.has(NAMES.remote)) return 'remote';
  return hasSql ? 'remote' : undefined;
}

/** `aws.service` is the source of the name when the rows before it have none. */
function namedByAwsService(reader: AttributeReader, traits: SpanTraits): boolean {
  if (cleaned(reader.peekText(NAMES.awsService)) === '') return false;
  const isRemote = traits.isCaller || traits.kind === KIND.CONSUMER;
  return !(isRemote && remoteService(reader, false)) && cleaned(reader.peekText(NAMES.peer)) === '';
}
