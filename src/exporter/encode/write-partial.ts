import { hasFurtherFields } from '../../translator/blocks/aws.ts';
import type {
  AwsBlock,
  CauseBlock,
  ExceptionBlock,
  HttpBlock,
  SegmentDocument,
  SqlBlock,
} from '../../translator/document.ts';
import type {
  PartialDocument,
  UnmappedAttributes,
  UnmappedKey,
} from '../../translator/partial-document.ts';
import type { ByteWriter } from './byte-writer.ts';
import { bytesOf, keys, writeBlock, writeCached, writeField, writeTextField } from './fields.ts';
import { writeJson, writeMembers, writeMicros, writeNumber, writeString } from './json.ts';
import type { Fragment } from './write-document.ts';

/**
 * The same as `writeFragment` of the whole document, for documents that our own translator made:
 * their fields are known, and what a resource says of each of them is written once.
 *
 * One function per block. Ids and times come first, for what else a document says may be known already.
 * A field that is missing here would be lost: test/exporter/write-draft.test.ts compares with
 * `JSON.stringify`.
 */
export function writePartialDocument(out: ByteWriter, draft: PartialDocument): Fragment {
  const { document } = draft;
  const start = out.length;
  writeIdentity(out, document.name, document.id);
  const middle = out.length;
  writeSecondsTimes(out, document.start_time, document.end_time);
  flag(out, IN_PROGRESS, document.in_progress);
  writeBody(out, draft);
  return { start, middle, end: out.length };
}

function writeIdentity(out: ByteWriter, name: string, id: string): void {
  out.writeBytes(NAME);
  writeString(out, name);
  writeTextField(out, KEY.id, id);
}

/** What stands before the id of a document, and its opening quote. */
export function prefixFor(name: string): Uint8Array {
  return bytesOf(`{"name":${JSON.stringify(name)},"id":"`);
}

function writeSecondsTimes(out: ByteWriter, start: number, end: number | undefined): void {
  out.writeBytes(KEY.start_time);
  writeNumber(out, start);
  if (end === undefined) return;
  out.writeBytes(KEY.end_time);
  writeNumber(out, end);
}

/** The same from microseconds since 1970. */
export function writeTimes(out: ByteWriter, start: number, end: number | undefined): void {
  out.writeBytes(KEY.start_time);
  writeMicros(out, start);
  if (end === undefined) return;
  out.writeBytes(KEY.end_time);
  writeMicros(out, end);
}

/** All but name, ids and times. */
export function writeBody(
  out: ByteWriter,
  { document, resourceMetadata, unmapped }: PartialDocument,
): void {
  writeTextField(out, KEY.namespace, document.namespace);
  flag(out, ERROR, document.error);
  flag(out, FAULT, document.fault);
  flag(out, THROTTLE, document.throttle);
  flag(out, TRACED, document.traced);
  writeBlock(out, KEY.http, document.http, httpFields);
  awsField(out, document.aws);
  writeBlock(out, KEY.sql, document.sql, sqlFields);
  if (typeof document.cause === 'string') writeTextField(out, KEY.cause, document.cause);
  else writeBlock(out, KEY.cause, document.cause, causeFields);
  writeTextField(out, KEY.user, document.user);
  writeTextField(out, KEY.origin, document.origin);
  writeTextField(out, KEY.resource_arn, document.resource_arn);
  constantField(out, KEY.service, document.service);
  writeField(out, KEY.annotations, document.annotations);
  writeField(out, KEY.links, document.links);
  metadataField(out, document.metadata, resourceMetadata, unmapped);
}

const NAME = bytesOf('{"name":');
const IN_PROGRESS = bytesOf(',"in_progress":true');
const ERROR = bytesOf(',"error":true');
const FAULT = bytesOf(',"fault":true');
const THROTTLE = bytesOf(',"throttle":true');
const TRACED = bytesOf(',"traced":true');
const FORWARDED = bytesOf(',"x_forwarded_for":true');

const KEY = keys(
  ...([
    'id',
    'namespace',
    'start_time',
    'end_time',
    'http',
    'aws',
    'sql',
    'cause',
    'user',
  ] as const),
  ...(['origin', 'resource_arn', 'service', 'annotations', 'metadata', 'links'] as const),
  ...(['request', 'response', 'method', 'url', 'user_agent', 'client_ip', 'status'] as const),
  ...(['content_length', 'connection_string', 'sanitized_query', 'database_type'] as const),
  ...(['database_version', 'driver_version', 'preparation', 'working_directory'] as const),
  ...(['exceptions', 'type', 'message', 'remote', 'truncated', 'stack'] as const),
  ...(['account_id', 'operation', 'region', 'request_id', 'id_2', 'retries', 'queue_url'] as const),
  ...(['table_name', 'table_names', 'bucket_name', 'key', 'topic_arn'] as const),
  ...(['function_name', 'stream_name', 'ec2', 'ecs', 'eks', 'elastic_beanstalk'] as const),
  ...(['cloudwatch_logs', 'xray', 'default'] as const),
);

function flag(out: ByteWriter, bytes: Uint8Array, value: true | undefined): void {
  if (value === true) out.writeBytes(bytes);
}

function httpFields(out: ByteWriter, { request, response }: HttpBlock): void {
  writeBlock(out, KEY.request, request, requestFields);
  writeBlock(out, KEY.response, response, responseFields);
}

function requestFields(out: ByteWriter, request: NonNullable<HttpBlock['request']>): void {
  writeTextField(out, KEY.method, request.method);
  writeTextField(out, KEY.url, request.url);
  writeTextField(out, KEY.user_agent, request.user_agent);
  writeTextField(out, KEY.client_ip, request.client_ip);
  flag(out, FORWARDED, request.x_forwarded_for);
}

function responseFields(out: ByteWriter, response: NonNullable<HttpBlock['response']>): void {
  writeField(out, KEY.status, response.status);
  writeField(out, KEY.content_length, response.content_length);
}

/** That of the resource, which many documents share, is frozen. */
function awsField(out: ByteWriter, aws: AwsBlock | undefined): void {
  if (aws === undefined) return;
  if (Object.isFrozen(aws) || hasFurtherFields(aws)) sharedField(out, KEY.aws, aws);
  else writeBlock(out, KEY.aws, aws, awsFields);
}

function awsFields(out: ByteWriter, aws: AwsBlock): void {
  writeTextField(out, KEY.account_id, aws.account_id);
  writeField(out, KEY.ec2, aws.ec2);
  writeField(out, KEY.ecs, aws.ecs);
  writeField(out, KEY.eks, aws.eks);
  writeField(out, KEY.elastic_beanstalk, aws.elastic_beanstalk);
  writeField(out, KEY.cloudwatch_logs, aws.cloudwatch_logs);
  writeField(out, KEY.xray, aws.xray);
  writeTextField(out, KEY.operation, aws.operation);
  writeTextField(out, KEY.region, aws.region);
  writeTextField(out, KEY.request_id, aws.request_id);
  writeTextField(out, KEY.id_2, aws.id_2);
  writeField(out, KEY.retries, aws.retries);
  writeTextField(out, KEY.queue_url, aws.queue_url);
  writeTextField(out, KEY.table_name, aws.table_name);
  writeField(out, KEY.table_names, aws.table_names);
  writeTextField(out, KEY.bucket_name, aws.bucket_name);
  writeTextField(out, KEY.key, aws.key);
  writeTextField(out, KEY.topic_arn, aws.topic_arn);
  writeTextField(out, KEY.function_name, aws.function_name);
  writeTextField(out, KEY.stream_name, aws.stream_name);
}

function sqlFields(out: ByteWriter, sql: SqlBlock): void {
  writeTextField(out, KEY.url, sql.url);
  writeTextField(out, KEY.connection_string, sql.connection_string);
  writeTextField(out, KEY.sanitized_query, sql.sanitized_query);
  writeTextField(out, KEY.database_type, sql.database_type);
  writeTextField(out, KEY.database_version, sql.database_version);
  writeTextField(out, KEY.driver_version, sql.driver_version);
  writeTextField(out, KEY.user, sql.user);
  writeTextField(out, KEY.preparation, sql.preparation);
}

function causeFields(out: ByteWriter, cause: CauseBlock): void {
  writeTextField(out, KEY.working_directory, cause.working_directory);
  out.writeBytes(KEY.exceptions);
  out.writeByte(OPEN_LIST);
  for (let index = 0; index < cause.exceptions.length; index += 1) {
    const key = index === 0 ? NOTHING : COMMA;
    writeBlock(out, key, cause.exceptions[index], exceptionFields);
  }
  out.writeByte(CLOSE_LIST);
}

const NOTHING = bytesOf('');
const COMMA = bytesOf(',');
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

function exceptionFields(out: ByteWriter, exception: ExceptionBlock): void {
  writeTextField(out, KEY.id, exception.id);
  writeTextField(out, KEY.type, exception.type);
  writeTextField(out, KEY.message, exception.message);
  writeField(out, KEY.remote, exception.remote);
  writeField(out, KEY.truncated, exception.truncated);
  writeTextField(out, KEY.cause, exception.cause);
  sharedField(out, KEY.stack, exception.stack);
}

/** A frozen list is one that the translator remembers, as the same places throw again and again. */
function sharedField(out: ByteWriter, key: Uint8Array, value: object | undefined): void {
  if (Object.isFrozen(value)) constantField(out, key, value);
  else writeField(out, key, value);
}

function constantField(out: ByteWriter, key: Uint8Array, value: object | undefined): void {
  if (value === undefined) return;
  out.writeBytes(key);
  writeCached(out, value, writeJson);
}

/** The namespaces; `default` begins with what the resource says. */
function metadataField(
  out: ByteWriter,
  metadata: SegmentDocument['metadata'],
  resourceMetadata: PartialDocument['resourceMetadata'],
  unmapped: UnmappedAttributes,
): void {
  if (resourceMetadata === undefined && unmapped.keys.length === 0) {
    writeField(out, KEY.metadata, metadata);
    return;
  }
  out.writeBytes(KEY.metadata);
  const start = out.length;
  out.writeBytes(KEY.default);
  const startOfDefault = out.length;
  if (resourceMetadata !== undefined) writeCached(out, resourceMetadata, writeMembers);
  if (metadata?.['default'] !== undefined) writeMembers(out, metadata['default']);
  writeLeftovers(out, unmapped);
  out.closeObject(startOfDefault);
  if (metadata !== undefined) writeMembers(out, metadata, 'default');
  out.closeObject(start);
}

function writeLeftovers(out: ByteWriter, { keys, values }: UnmappedAttributes): void {
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as UnmappedKey;
    key.json ??= bytesOf(`,${JSON.stringify(key.name)}:`);
    out.writeBytes(key.json);
    writeJson(out, values[index]);
  }
}
