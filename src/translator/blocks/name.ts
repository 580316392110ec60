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
import { isAscii, lazyPattern, memoize, truncateCodePoints } from '../values/text.ts';
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
  model: names('gen_ai.provider.name', 'gen_ai.system'),
  transport: names('aws.xray.transport'),
} as const;

/** The name if no candidate has a valid character. */
const LAST_RESORT = 'span';

const INVALID_ASCII = /[^ \w.:/%&#=+\-@]/g;
const invalid = lazyPattern('[^ \\p{L}\\p{N}_.:/%&#=+\\-@]', 'gu');

/**
 * Returns a name that X-Ray accepts; empty if no character is valid.
 *
 * X-Ray rejects documents whose name has any other character (`InvalidName`).
 */
export const cleanName: (text: string) => string = memoize((text) => {
  const spaced = redactUrlsIn(text.slice(0, 4_096)).replace(/\s+/gu, ' ');
  const clean = spaced.replace(isAscii(spaced) ? INVALID_ASCII : invalid(), '').trim();
  return truncateCodePoints(clean, LIMITS.name).trim();
});

const hostName = memoize((text) => cleanName(bareHost(text)));
const urlHostName = memoize((url) => cleanName(hostOfUrl(url) ?? ''));
/** Returns host and database of a connection string, as valid names. */
const connectionNames = memoize((text) => {
  const { host = '', database = '' } = connectionParts(redactConnectionString(text));
  return { host: host.includes('%') ? '' : cleanName(host), database: cleanName(database) };
});
const NO_CONNECTION = { host: '', database: '' };
const databaseHostName = memoize((text) => cleanName(databaseAddress(text).host ?? ''));

/** Returns the name of a segment, which is that of its service (docs/spec/translation.md section 2.2, B-15). */
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
 * Returns the name of a subsegment: the called service, or else the operation
 * (docs/spec/translation.md section 2.3).
 *
 * Uses the first row of the specification that gives a valid name.
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
    (isCaller && cleaned(reader.peekText(NAMES.model))) ||
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

/** Removes one of the two prefixes, once (docs/spec/translation.md section 2.4). */
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

/** Returns `S3` for `S3/GetObject`, the form of the current conventions. */
function serviceOfMethod(reader: AttributeReader): string {
  const method = reader.peekText(NAMES.rpcMethod);
  const slash = method === undefined ? -1 : method.lastIndexOf('/');
  return method === undefined || slash === -1 ? '' : cleanName(method.slice(0, slash));
}

/** Returns `database@host` as the X-Ray SDKs do; without a database the host, or else the system. */
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
 * Returns the namespace of a subsegment (docs/spec/translation.md section 2.5).
 */
export function namespaceOf(
  reader: AttributeReader,
  traits: SpanTraits,
  hasSql: boolean,
): 'aws' | 'remote' | undefined {
  if (traits.isAwsSdk || namedByAwsService(reader, traits)) return 'aws';
  if (traits.isCaller) return isTransport(reader) ? undefined : 'remote';
  if (traits.kind === KIND.CONSUMER && reader.has(NAMES.remote)) return 'remote';
  return hasSql ? 'remote' : undefined;
}

/**
 * Returns whether a request belongs to the call around it, which has a subsegment of its own (B-54).
 * Two remote subsegments for one call would count it twice in the trace map.
 */
function isTransport(reader: AttributeReader): boolean {
  return reader.peek(NAMES.transport) === true;
}

/** Returns whether the name comes from `aws.service`, because the rows before it have no value. */
function namedByAwsService(reader: AttributeReader, traits: SpanTraits): boolean {
  if (cleaned(reader.peekText(NAMES.awsService)) === '') return false;
  const isRemote = traits.isCaller || traits.kind === KIND.CONSUMER;
  return !(isRemote && remoteService(reader, false)) && cleaned(reader.peekText(NAMES.peer)) === '';
}
