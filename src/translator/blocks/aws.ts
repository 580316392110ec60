import { type AttributeNames, type AttributeReader, names } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { ResourceParts } from '../context/resource.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import type { AwsBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import { jsonObject } from '../values/json-object.ts';
import { redactUrl } from '../values/url.ts';

const NAMES = {
  account: names('aws.account_id', 'aws.remote.resource.account.id'),
  operation: names('aws.operation'),
  method: names('rpc.method'),
  region: names('aws.region', 'aws.remote.resource.region', 'faas.invoked_region'),
  sdkRegion: names('cloud.region'),
  requestId: names('aws.request_id', 'aws.requestId', 'aws.request.id'),
  extendedId: names('aws.extended_request_id', 'aws.request.extended_id'),
  messagingUrl: names('messaging.url'),
  messagingSystem: names('messaging.system'),
  queueUrl: names('aws.sqs.queue.url', 'aws.queue_url', 'aws.queue.url'),
  url: names('url.full'),
  tables: names('aws.dynamodb.table_names', 'aws.table_name', 'aws.table.name'),
  database: names('db.namespace', 'db.name'),
  service: names('rpc.service', 'aws.service'),
  bucket: names('aws.s3.bucket'),
  key: names('aws.s3.key'),
  topic: names('aws.sns.topic.arn'),
  destination: names('messaging.destination.name', 'messaging.destination'),
  function: names('aws.lambda.function.name'),
  functionError: names('aws.lambda.function_error'),
  invoked: names('faas.invoked_name'),
  provider: names('faas.invoked_provider'),
  stream: names('aws.kinesis.stream_name', 'aws.kinesis.stream.name'),
  retries: names('aws.xray.retries'),
  parameters: names('aws.xray.parameters'),
  resend: names('http.request.resend_count'),
} as const;

/** A span that is no AWS SDK call describes an AWS resource only if it has one of these. */
const SIGNS = [
  NAMES.account,
  NAMES.operation,
  NAMES.region,
  NAMES.requestId,
  NAMES.extendedId,
  NAMES.messagingUrl,
  NAMES.queueUrl,
  NAMES.tables,
  NAMES.bucket,
  NAMES.key,
  NAMES.topic,
  NAMES.function,
  NAMES.provider,
  NAMES.stream,
  NAMES.retries,
].flat();

const DYNAMODB_SYSTEMS: ReadonlySet<string | undefined> = new Set(['dynamodb', 'aws.dynamodb']);

/**
 * Returns the `aws` block: the called resource, and on a segment the platform of the caller.
 *
 * @param platform fields of the platform; `undefined` on an ordinary subsegment (B-37)
 * @see docs/spec/translation.md section 5
 */
export function awsBlock(
  reader: AttributeReader,
  traits: SpanTraits,
  resource: ResourceParts,
  platform: AwsBlock | undefined,
  settings: Settings,
): AwsBlock | undefined {
  // On another cloud, only AWS SDK calls describe AWS resources (B-32).
  if (!traits.isAwsSdk && (!resource.mayBeAws || !reader.has(SIGNS))) return platform;
  const callee = calleeFields(reader, traits, settings);
  if (callee === undefined) return withParameters(reader, traits, platform);
  const block = platform === undefined ? callee : { ...platform, ...defined(callee) };
  return withParameters(reader, traits, block);
}

/** Returns the fields of docs/spec/translation.md section 5.1. */
function calleeFields(
  reader: AttributeReader,
  traits: SpanTraits,
  settings: Settings,
): AwsBlock | undefined {
  const { isAwsSdk } = traits;
  const tables = tableNames(reader, traits);
  const block: AwsBlock = {
    account_id: accountId(reader),
    operation: reader.take(NAMES.operation, LIMITS.short) ?? sdkOperation(reader, traits),
    region:
      reader.take(NAMES.region, LIMITS.short) ??
      (isAwsSdk ? reader.take(NAMES.sdkRegion, LIMITS.short) : undefined),
    request_id: reader.take(NAMES.requestId, LIMITS.short),
    id_2: reader.take(NAMES.extendedId, LIMITS.short),
    retries:
      reader.takeInteger(NAMES.retries, 0, Number.MAX_SAFE_INTEGER) ??
      (isAwsSdk ? reader.takeInteger(NAMES.resend, 0, Number.MAX_SAFE_INTEGER) : undefined),
    queue_url: queueUrl(reader, traits, settings),
    table_name: tables.length === 1 ? tables[0] : undefined,
    table_names: tables.length > 1 ? tables : undefined,
    bucket_name: reader.take(NAMES.bucket, LIMITS.short),
    key: reader.take(NAMES.key, LIMITS.s3Key),
    topic_arn: reader.take(NAMES.topic, LIMITS.short) ?? topicOfDestination(reader, traits),
    function_name: reader.take(NAMES.function, LIMITS.short) ?? invokedFunction(reader),
    function_error: reader.take(NAMES.functionError, LIMITS.short),
    stream_name: reader.take(NAMES.stream, LIMITS.short),
  };
  if (!hasValue(block)) return undefined;
  const resources = isAwsSdk ? resourceNames(block) : undefined;
  return resources === undefined ? block : { ...block, resource_names: resources };
}

/** Returns the names of the resources of a call, which the X-Ray console lists. */
function resourceNames(block: AwsBlock): readonly string[] | undefined {
  if (block.table_names !== undefined) return block.table_names;
  const name =
    block.table_name ??
    block.bucket_name ??
    block.function_name ??
    block.stream_name ??
    block.topic_arn;
  return name === undefined ? undefined : [name];
}

/**
 * Adds the parameters listed in `OTEL_XRAY_AWS_PARAMETERS`, one JSON object, to the block. Fields that
 * the block already has take precedence.
 */
function withParameters(
  reader: AttributeReader,
  traits: SpanTraits,
  block: AwsBlock | undefined,
): AwsBlock | undefined {
  if (!traits.isAwsSdk) return block;
  const parameters = jsonObject(reader.peek(NAMES.parameters));
  if (parameters === undefined) return block;
  reader.consume(NAMES.parameters);
  return { ...parameters, ...(block && defined(block)) };
}

/** Returns the account of the called resource, twelve digits; other values stay in metadata (B-34). */
function accountId(reader: AttributeReader): string | undefined {
  const id = reader.peekText(NAMES.account);
  if (id === undefined || !isAccountId(id)) return undefined;
  reader.consumeEqual(NAMES.account, id);
  return id;
}

export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

/** Returns the operation in `rpc.method` of an AWS SDK call; other protocols have none (B-33). */
function sdkOperation(reader: AttributeReader, traits: SpanTraits): string | undefined {
  if (!traits.isAwsSdk) return undefined;
  const method = reader.peekText(NAMES.method);
  const operation = method?.slice(method.lastIndexOf('/') + 1).trim();
  if (method === undefined || !operation) return undefined;
  reader.consumeEqual(NAMES.method, method);
  return reader.truncate(operation, LIMITS.short, NAMES.method);
}

function queueUrl(
  reader: AttributeReader,
  traits: SpanTraits,
  settings: Settings,
): string | undefined {
  const sources = queueSources(reader, traits);
  const url = sources === undefined ? undefined : reader.peekText(sources);
  if (sources === undefined || url === undefined) return undefined;
  reader.consumeEqual(sources, url);
  if (traits.isQueueCall) reader.consumeEqual(NAMES.url, url);
  const clean = redactUrl(url, settings);
  return clean === '' ? undefined : reader.truncate(clean, LIMITS.url, 'aws.queue_url');
}

function queueSources(reader: AttributeReader, traits: SpanTraits): AttributeNames | undefined {
  if (reader.has(NAMES.messagingUrl) && isAwsMessaging(reader, traits)) return NAMES.messagingUrl;
  if (reader.has(NAMES.queueUrl)) return NAMES.queueUrl;
  return traits.isQueueCall ? NAMES.url : undefined;
}

/** Excludes `messaging.url` of RabbitMQ (`amqp://…`), which the collector takes for an AWS queue. */
function isAwsMessaging(reader: AttributeReader, traits: SpanTraits): boolean {
  const system = reader.peekText(NAMES.messagingSystem);
  return traits.isAwsSdk || system === undefined || /^(?:aws|amazon)/i.test(system);
}

function tableNames(reader: AttributeReader, traits: SpanTraits): readonly string[] {
  for (let i = 0; i < NAMES.tables.length; i += 1) {
    const source = NAMES.tables[i] as number;
    const names = textsOf(reader.valueOf(source));
    if (names.length === 0) continue;
    reader.consumeOne(source);
    if (names.length === 1) {
      reader.consumeEqual(NAMES.tables, names[0]);
      if (isDynamoDb(reader, traits)) reader.consumeEqual(NAMES.database, names[0]);
    }
    return names.map((name) => reader.truncate(name, LIMITS.short, 'aws.table_name'));
  }
  const name = isDynamoDb(reader, traits) ? reader.take(NAMES.database, LIMITS.short) : undefined;
  return name === undefined ? NO_TABLES : [name];
}

const NO_TABLES: readonly string[] = [];

/** Returns the non-empty strings of a string or an array. */
function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return NO_TABLES;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((text) => typeof text === 'string' && text.trim() !== '') as string[];
}

function isDynamoDb(reader: AttributeReader, traits: SpanTraits): boolean {
  return (
    traits.isAwsSdk &&
    (DYNAMODB_SYSTEMS.has(traits.dbSystem) || reader.peek(NAMES.service) === 'DynamoDB')
  );
}

function topicOfDestination(reader: AttributeReader, traits: SpanTraits): string | undefined {
  if (!traits.isAwsSdk || reader.peek(NAMES.service) !== 'SNS') return undefined;
  const arn = reader.peekText(NAMES.destination);
  return arn?.startsWith('arn:') ? reader.take(NAMES.destination, LIMITS.short) : undefined;
}

function invokedFunction(reader: AttributeReader): string | undefined {
  return reader.peek(NAMES.provider) === 'aws'
    ? reader.take(NAMES.invoked, LIMITS.short)
    : undefined;
}

function hasValue(block: AwsBlock): boolean {
  for (const key in block) if (block[key as keyof AwsBlock] !== undefined) return true;
  return false;
}

/** Removes absent fields, which would hide those of the platform in a spread. */
function defined(block: AwsBlock): AwsBlock {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined));
}
