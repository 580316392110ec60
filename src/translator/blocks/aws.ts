import { type AttributeReader, from, type Sources } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { ResourceParts } from '../context/resource.ts';
import type { SpanFacts } from '../context/span-traits.ts';
import type { AwsBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import { jsonObject } from '../values/json-object.ts';
import { cleanUrl } from '../values/url.ts';

const NAMES = {
  account: from('aws.account_id', 'aws.remote.resource.account.id'),
  operation: from('aws.operation'),
  method: from('rpc.method'),
  region: from('aws.region', 'aws.remote.resource.region', 'faas.invoked_region'),
  sdkRegion: from('cloud.region'),
  requestId: from('aws.request_id', 'aws.requestId', 'aws.request.id'),
  extendedId: from('aws.extended_request_id', 'aws.request.extended_id'),
  messagingUrl: from('messaging.url'),
  messagingSystem: from('messaging.system'),
  queueUrl: from('aws.sqs.queue.url', 'aws.queue_url', 'aws.queue.url'),
  url: from('url.full'),
  tables: from('aws.dynamodb.table_names', 'aws.table_name', 'aws.table.name'),
  database: from('db.namespace', 'db.name'),
  service: from('rpc.service', 'aws.service'),
  bucket: from('aws.s3.bucket'),
  key: from('aws.s3.key'),
  topic: from('aws.sns.topic.arn'),
  destination: from('messaging.destination.name', 'messaging.destination'),
  function: from('aws.lambda.function.name'),
  invoked: from('faas.invoked_name'),
  provider: from('faas.invoked_provider'),
  stream: from('aws.kinesis.stream_name', 'aws.kinesis.stream.name'),
  retries: from('aws.xray.retries'),
  parameters: from('aws.xray.parameters'),
  resend: from('http.request.resend_count'),
} as const;

/** Without any of these, and no AWS SDK call, nothing is known about a callee. */
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
 * Builds the `aws` block: what was called, and on a segment where the caller runs.
 *
 * @param platform the fields of the resource; `undefined` on an ordinary subsegment (B-37)
 * @see docs/spec/translation.md section 5
 */
export function awsBlock(
  reader: AttributeReader,
  facts: SpanFacts,
  resource: ResourceParts,
  platform: AwsBlock | undefined,
  settings: Settings,
): AwsBlock | undefined {
  // On another cloud only what the AWS SDK itself says is to be believed (B-32).
  if (!facts.isAwsSdk && (!resource.mayBeAws || !reader.has(SIGNS))) return platform;
  const callee = calleeFields(reader, facts, settings);
  if (callee === undefined) return withParameters(reader, facts, platform);
  const block = platform === undefined ? callee : { ...platform, ...defined(callee) };
  return withParameters(reader, facts, block);
}

/** The fields of section 5.1. */
function calleeFields(
  reader: AttributeReader,
  facts: SpanFacts,
  settings: Settings,
): AwsBlock | undefined {
  const { isAwsSdk } = facts;
  const tables = tableNames(reader, facts);
  const block: AwsBlock = {
    account_id: accountId(reader),
    operation: reader.text(NAMES.operation, LIMITS.short) ?? sdkOperation(reader, facts),
    region:
      reader.text(NAMES.region, LIMITS.short) ??
      (isAwsSdk ? reader.text(NAMES.sdkRegion, LIMITS.short) : undefined),
    request_id: reader.text(NAMES.requestId, LIMITS.short),
    id_2: reader.text(NAMES.extendedId, LIMITS.short),
    retries:
      reader.integer(NAMES.retries, 0, Number.MAX_SAFE_INTEGER) ??
      (isAwsSdk ? reader.integer(NAMES.resend, 0, Number.MAX_SAFE_INTEGER) : undefined),
    queue_url: queueUrl(reader, facts, settings),
    table_name: tables.length === 1 ? tables[0] : undefined,
    table_names: tables.length > 1 ? tables : undefined,
    bucket_name: reader.text(NAMES.bucket, LIMITS.short),
    key: reader.text(NAMES.key, LIMITS.s3Key),
    topic_arn: reader.text(NAMES.topic, LIMITS.short) ?? topicOfDestination(reader, facts),
    function_name: reader.text(NAMES.function, LIMITS.short) ?? invokedFunction(reader),
    stream_name: reader.text(NAMES.stream, LIMITS.short),
  };
  return hasValue(block) ? block : undefined;
}

/** Marks a block that has more fields than `AwsBlock` names; a symbol is not in its JSON. */
const FURTHER = Symbol('further fields');

/** Whether a block has fields, or kinds of values, that `AwsBlock` does not name. */
export function hasFurtherFields(block: AwsBlock): boolean {
  return FURTHER in block;
}

/**
 * Adds what `OTEL_XRAY_AWS_PARAMETERS` asks for, one JSON object, to the fields of the block; a
 * field that we know ourselves stays.
 */
function withParameters(
  reader: AttributeReader,
  facts: SpanFacts,
  block: AwsBlock | undefined,
): AwsBlock | undefined {
  if (!facts.isAwsSdk) return block;
  const parameters = jsonObject(reader.peek(NAMES.parameters));
  if (parameters === undefined) return block;
  reader.useAll(NAMES.parameters);
  const all = { ...parameters, ...(block && defined(block)) };
  return Object.defineProperty(all, FURTHER, { value: true });
}

/** The callee's owner, twelve digits; anything else stays in metadata (B-34). */
function accountId(reader: AttributeReader): string | undefined {
  const id = reader.peekText(NAMES.account);
  if (id === undefined || !isAccountId(id)) return undefined;
  reader.use(NAMES.account, id);
  return id;
}

export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

/** `rpc.method` of an AWS SDK call; of any other protocol it is no AWS operation (B-33). */
function sdkOperation(reader: AttributeReader, facts: SpanFacts): string | undefined {
  if (!facts.isAwsSdk) return undefined;
  const method = reader.peekText(NAMES.method);
  const operation = method?.slice(method.lastIndexOf('/') + 1).trim();
  if (method === undefined || !operation) return undefined;
  reader.use(NAMES.method, method);
  return reader.cut(operation, LIMITS.short, NAMES.method);
}

function queueUrl(
  reader: AttributeReader,
  facts: SpanFacts,
  settings: Settings,
): string | undefined {
  const sources = queueSources(reader, facts);
  const url = sources === undefined ? undefined : reader.peekText(sources);
  if (sources === undefined || url === undefined) return undefined;
  reader.use(sources, url);
  if (facts.isQueueCall) reader.use(NAMES.url, url);
  const clean = cleanUrl(url, settings);
  return clean === '' ? undefined : reader.cut(clean, LIMITS.url, 'aws.queue_url');
}

function queueSources(reader: AttributeReader, facts: SpanFacts): Sources | undefined {
  if (reader.has(NAMES.messagingUrl) && isAwsMessaging(reader, facts)) return NAMES.messagingUrl;
  if (reader.has(NAMES.queueUrl)) return NAMES.queueUrl;
  return facts.isQueueCall ? NAMES.url : undefined;
}

/** `messaging.url` of RabbitMQ (`amqp://…`) is no queue of AWS, where the collector puts it. */
function isAwsMessaging(reader: AttributeReader, facts: SpanFacts): boolean {
  const system = reader.peekText(NAMES.messagingSystem);
  return facts.isAwsSdk || system === undefined || /^(?:aws|amazon)/i.test(system);
}

function tableNames(reader: AttributeReader, facts: SpanFacts): readonly string[] {
  for (let i = 0; i < NAMES.tables.length; i += 1) {
    const source = NAMES.tables[i] as number;
    const names = textsOf(reader.valueOf(source));
    if (names.length === 0) continue;
    reader.markUsed(source);
    if (names.length === 1) {
      reader.use(NAMES.tables, names[0]);
      if (isDynamoDb(reader, facts)) reader.use(NAMES.database, names[0]);
    }
    return names.map((name) => reader.cut(name, LIMITS.short, 'aws.table_name'));
  }
  const name = isDynamoDb(reader, facts) ? reader.text(NAMES.database, LIMITS.short) : undefined;
  return name === undefined ? NO_TABLES : [name];
}

const NO_TABLES: readonly string[] = [];

/** The texts of a value that is one, or a list of them. */
function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return NO_TABLES;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((text) => typeof text === 'string' && text.trim() !== '') as string[];
}

function isDynamoDb(reader: AttributeReader, facts: SpanFacts): boolean {
  return (
    facts.isAwsSdk &&
    (DYNAMODB_SYSTEMS.has(facts.dbSystem) || reader.peek(NAMES.service) === 'DynamoDB')
  );
}

function topicOfDestination(reader: AttributeReader, facts: SpanFacts): string | undefined {
  if (!facts.isAwsSdk || reader.peek(NAMES.service) !== 'SNS') return undefined;
  const arn = reader.peekText(NAMES.destination);
  return arn?.startsWith('arn:') ? reader.text(NAMES.destination, LIMITS.short) : undefined;
}

function invokedFunction(reader: AttributeReader): string | undefined {
  return reader.peek(NAMES.provider) === 'aws'
    ? reader.text(NAMES.invoked, LIMITS.short)
    : undefined;
}

function hasValue(block: AwsBlock): boolean {
  for (const key in block) if (block[key as keyof AwsBlock] !== undefined) return true;
  return false;
}

/** Without absent fields, which would hide the platform's when the two are put together. */
function defined(block: AwsBlock): AwsBlock {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined));
}
