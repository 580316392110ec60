import { hasFurtherFields } from '../../translator/blocks/aws.ts';
import type { AttributeKey } from '../../translator/context/attribute-keys.ts';
import type {
  AwsBlock,
  CauseBlock,
  ExceptionBlock,
  HttpBlock,
  SegmentDocument,
  SqlBlock,
} from '../../translator/document.ts';
import type { Draft, Leftovers } from '../../translator/partial-document.ts';
import type { ByteSink } from './byte-writer.ts';
import { block, bytesOf, constantly, field, keys, textField } from './fields.ts';
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
export function writeDraft(sink: ByteSink, draft: Draft): Fragment {
  const { document } = draft;
  const start = sink.length;
  writeIdentity(sink, document.name, document.id);
  const middle = sink.length;
  writeTimes(sink, document.start_time, document.end_time);
  flag(sink, IN_PROGRESS, document.in_progress);
  writeSaid(sink, draft);
  return { start, middle, end: sink.length };
}

function writeIdentity(sink: ByteSink, name: string, id: string): void {
  sink.constant(NAME);
  writeString(sink, name);
  textField(sink, K.id, id);
}

/** What stands before the id of a document, and its opening quote. */
export function headOf(name: string): Uint8Array {
  return bytesOf(`{"name":${JSON.stringify(name)},"id":"`);
}

function writeTimes(sink: ByteSink, start: number, end: number | undefined): void {
  sink.constant(K.start_time);
  writeNumber(sink, start);
  if (end === undefined) return;
  sink.constant(K.end_time);
  writeNumber(sink, end);
}

/** The same from microseconds since 1970. */
export function writeMoments(sink: ByteSink, start: number, end: number | undefined): void {
  sink.constant(K.start_time);
  writeMicros(sink, start);
  if (end === undefined) return;
  sink.constant(K.end_time);
  writeMicros(sink, end);
}

/** All but name, ids and times. */
export function writeSaid(sink: ByteSink, { document, shared, leftovers }: Draft): void {
  textField(sink, K.namespace, document.namespace);
  flag(sink, ERROR, document.error);
  flag(sink, FAULT, document.fault);
  flag(sink, THROTTLE, document.throttle);
  flag(sink, TRACED, document.traced);
  block(sink, K.http, document.http, httpFields);
  awsField(sink, document.aws);
  block(sink, K.sql, document.sql, sqlFields);
  if (typeof document.cause === 'string') textField(sink, K.cause, document.cause);
  else block(sink, K.cause, document.cause, causeFields);
  textField(sink, K.user, document.user);
  textField(sink, K.origin, document.origin);
  textField(sink, K.resource_arn, document.resource_arn);
  constantField(sink, K.service, document.service);
  field(sink, K.annotations, document.annotations);
  field(sink, K.links, document.links);
  metadataField(sink, document.metadata, shared, leftovers);
}

const NAME = bytesOf('{"name":');
const IN_PROGRESS = bytesOf(',"in_progress":true');
const ERROR = bytesOf(',"error":true');
const FAULT = bytesOf(',"fault":true');
const THROTTLE = bytesOf(',"throttle":true');
const TRACED = bytesOf(',"traced":true');
const FORWARDED = bytesOf(',"x_forwarded_for":true');

const K = keys(
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

function flag(sink: ByteSink, bytes: Uint8Array, value: true | undefined): void {
  if (value === true) sink.constant(bytes);
}

function httpFields(sink: ByteSink, { request, response }: HttpBlock): void {
  block(sink, K.request, request, requestFields);
  block(sink, K.response, response, responseFields);
}

function requestFields(sink: ByteSink, request: NonNullable<HttpBlock['request']>): void {
  textField(sink, K.method, request.method);
  textField(sink, K.url, request.url);
  textField(sink, K.user_agent, request.user_agent);
  textField(sink, K.client_ip, request.client_ip);
  flag(sink, FORWARDED, request.x_forwarded_for);
}

function responseFields(sink: ByteSink, response: NonNullable<HttpBlock['response']>): void {
  field(sink, K.status, response.status);
  field(sink, K.content_length, response.content_length);
}

/** That of the resource, which many documents share, is frozen. */
function awsField(sink: ByteSink, aws: AwsBlock | undefined): void {
  if (aws === undefined) return;
  if (Object.isFrozen(aws) || hasFurtherFields(aws)) sharedField(sink, K.aws, aws);
  else block(sink, K.aws, aws, awsFields);
}

function awsFields(sink: ByteSink, aws: AwsBlock): void {
  textField(sink, K.account_id, aws.account_id);
  field(sink, K.ec2, aws.ec2);
  field(sink, K.ecs, aws.ecs);
  field(sink, K.eks, aws.eks);
  field(sink, K.elastic_beanstalk, aws.elastic_beanstalk);
  field(sink, K.cloudwatch_logs, aws.cloudwatch_logs);
  field(sink, K.xray, aws.xray);
  textField(sink, K.operation, aws.operation);
  textField(sink, K.region, aws.region);
  textField(sink, K.request_id, aws.request_id);
  textField(sink, K.id_2, aws.id_2);
  field(sink, K.retries, aws.retries);
  textField(sink, K.queue_url, aws.queue_url);
  textField(sink, K.table_name, aws.table_name);
  field(sink, K.table_names, aws.table_names);
  textField(sink, K.bucket_name, aws.bucket_name);
  textField(sink, K.key, aws.key);
  textField(sink, K.topic_arn, aws.topic_arn);
  textField(sink, K.function_name, aws.function_name);
  textField(sink, K.stream_name, aws.stream_name);
}

function sqlFields(sink: ByteSink, sql: SqlBlock): void {
  textField(sink, K.url, sql.url);
  textField(sink, K.connection_string, sql.connection_string);
  textField(sink, K.sanitized_query, sql.sanitized_query);
  textField(sink, K.database_type, sql.database_type);
  textField(sink, K.database_version, sql.database_version);
  textField(sink, K.driver_version, sql.driver_version);
  textField(sink, K.user, sql.user);
  textField(sink, K.preparation, sql.preparation);
}

function causeFields(sink: ByteSink, cause: CauseBlock): void {
  textField(sink, K.working_directory, cause.working_directory);
  sink.constant(K.exceptions);
  sink.byte(OPEN_LIST);
  for (let index = 0; index < cause.exceptions.length; index += 1) {
    const key = index === 0 ? NOTHING : COMMA;
    block(sink, key, cause.exceptions[index], exceptionFields);
  }
  sink.byte(CLOSE_LIST);
}

const NOTHING = bytesOf('');
const COMMA = bytesOf(',');
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

function exceptionFields(sink: ByteSink, exception: ExceptionBlock): void {
  textField(sink, K.id, exception.id);
  textField(sink, K.type, exception.type);
  textField(sink, K.message, exception.message);
  field(sink, K.remote, exception.remote);
  field(sink, K.truncated, exception.truncated);
  textField(sink, K.cause, exception.cause);
  sharedField(sink, K.stack, exception.stack);
}

/** A frozen list is one that the translator remembers, as the same places throw again and again. */
function sharedField(sink: ByteSink, key: Uint8Array, value: object | undefined): void {
  if (Object.isFrozen(value)) constantField(sink, key, value);
  else field(sink, key, value);
}

function constantField(sink: ByteSink, key: Uint8Array, value: object | undefined): void {
  if (value === undefined) return;
  sink.constant(key);
  constantly(sink, value, writeJson);
}

/** The namespaces; `default` begins with what the resource says. */
function metadataField(
  sink: ByteSink,
  metadata: SegmentDocument['metadata'],
  shared: Draft['shared'],
  leftovers: Leftovers,
): void {
  if (shared === undefined && leftovers.keys.length === 0) {
    field(sink, K.metadata, metadata);
    return;
  }
  sink.constant(K.metadata);
  const start = sink.length;
  sink.constant(K.default);
  const startOfDefault = sink.length;
  if (shared !== undefined) constantly(sink, shared, writeMembers);
  if (metadata?.['default'] !== undefined) writeMembers(sink, metadata['default']);
  writeLeftovers(sink, leftovers);
  sink.object(startOfDefault);
  if (metadata !== undefined) writeMembers(sink, metadata, 'default');
  sink.object(start);
}

function writeLeftovers(sink: ByteSink, { keys, values }: Leftovers): void {
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as AttributeKey;
    key.json ??= bytesOf(`,${JSON.stringify(key.name)}:`);
    sink.constant(key.json);
    writeJson(sink, values[index]);
  }
}
