import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import type { KIND, SpanParts } from '../../support/span.ts';
import { translated } from '../../support/translated.ts';

interface Row {
  readonly rule: string;
  readonly kind?: keyof typeof KIND;
  readonly name?: string;
  readonly attributes: SpanAttributes;
  readonly resource?: SpanAttributes;
  readonly options?: TranslatorOptions;
  readonly block?: unknown;
  readonly rest?: SpanAttributes;
}

const SDK = { 'rpc.system': 'aws-api' };
const KEPT = { 'rpc.system': 'aws-api' };

const AWS: readonly Row[] = [
  {
    rule: 'operation and region of the SDK (B-35)',
    attributes: {
      ...SDK,
      'rpc.method': 'S3/GetObject',
      'cloud.region': 'r',
      'aws.request.id': 'i',
      'aws.request.extended_id': 'e',
    },
    block: { operation: 'GetObject', region: 'r', request_id: 'i', id_2: 'e' },
    rest: KEPT,
  },
  {
    rule: 'listed parameters of a call do not replace known fields',
    attributes: {
      ...SDK,
      'aws.request.id': 'i',
      'aws.xray.parameters': '{"request_id":"other","label":"l","sizes":[1]}',
    },
    block: { request_id: 'i', label: 'l', sizes: [1] },
    rest: KEPT,
  },
  {
    rule: 'listed parameters alone',
    attributes: { ...SDK, 'aws.xray.parameters': '{"label":"l"}' },
    block: { label: 'l' },
    rest: KEPT,
  },
  {
    rule: 'parameters that are not an object, or not of an AWS call, stay in metadata',
    attributes: { 'aws.xray.parameters': '{"label":"l"}' },
    rest: { 'aws.xray.parameters': '{"label":"l"}' },
  },
  {
    rule: 'truncated parameters stay in metadata',
    attributes: { ...SDK, 'aws.xray.parameters': '{"label":"l' },
    rest: { ...KEPT, 'aws.xray.parameters': '{"label":"l' },
  },
  {
    rule: 'rpc.method of another protocol is not an operation (B-33)',
    attributes: { 'rpc.system': 'grpc', 'rpc.method': 'Unary', 'cloud.region': 'r' },
    rest: { 'rpc.system': 'grpc', 'rpc.method': 'Unary', 'cloud.region': 'r' },
  },
  {
    rule: 'the first name takes precedence and consumes others with the same value',
    attributes: {
      'aws.operation': 'A',
      'aws.region': 'r',
      'aws.request_id': 'i',
      'aws.requestId': 'j',
      'aws.request.id': 'i',
    },
    block: { operation: 'A', region: 'r', request_id: 'i' },
    rest: { 'aws.requestId': 'j' },
  },
  {
    rule: 'an account has twelve digits (B-34)',
    attributes: { 'aws.account_id': '123456789012' },
    block: { account_id: '123456789012' },
  },
  {
    rule: 'another account stays in metadata',
    attributes: { 'aws.account_id': '12' },
    rest: { 'aws.account_id': '12' },
  },
  {
    rule: 'one table',
    attributes: {
      ...SDK,
      'aws.dynamodb.table_names': ['t'],
      'aws.table.name': 't',
      'db.system.name': 'dynamodb',
      'db.namespace': 't',
    },
    block: { table_name: 't', resource_names: ['t'] },
    rest: { ...KEPT, 'db.system.name': 'dynamodb' },
  },
  {
    rule: 'several tables',
    attributes: { 'aws.dynamodb.table_names': ['a', 'b'] },
    block: { table_names: ['a', 'b'] },
  },
  {
    rule: 'the database of a DynamoDB call is the table',
    attributes: { ...SDK, 'rpc.service': 'DynamoDB', 'db.name': 't' },
    block: { table_name: 't', resource_names: ['t'] },
    rest: { ...KEPT, 'rpc.service': 'DynamoDB' },
  },
  {
    rule: 'the queue of a call (B-26)',
    attributes: { ...SDK, 'messaging.system': 'aws_sqs', 'url.full': 'https://u:p@sqs/1/q' },
    block: { queue_url: 'https://sqs/1/q' },
    rest: { ...KEPT, 'messaging.system': 'aws_sqs' },
  },
  {
    rule: 'the queue by its older names',
    attributes: { 'messaging.url': 'https://sqs/1/q', 'aws.queue_url': 'https://sqs/1/q' },
    block: { queue_url: 'https://sqs/1/q' },
    rest: { 'aws.queue_url': 'https://sqs/1/q' },
  },
  {
    rule: 'the URL of a broker is not an AWS queue',
    attributes: { 'messaging.system': 'rabbitmq', 'messaging.url': 'amqp://h' },
    rest: { 'messaging.system': 'rabbitmq', 'messaging.url': 'amqp://h' },
  },
  {
    rule: 'several tables of a call are its resources',
    attributes: { ...SDK, 'aws.dynamodb.table_names': ['a', 'b'], 'aws.s3.bucket': 'c' },
    block: { table_names: ['a', 'b'], bucket_name: 'c', resource_names: ['a', 'b'] },
    rest: KEPT,
  },
  ...(
    [
      ['aws.s3.bucket', 'bucket_name'],
      ['aws.lambda.function.name', 'function_name'],
      ['aws.kinesis.stream_name', 'stream_name'],
    ] as const
  ).map(
    ([attribute, field]): Row => ({
      rule: `the resource of ${field}`,
      attributes: { ...SDK, [attribute]: 'x' },
      block: { [field]: 'x', resource_names: ['x'] },
      rest: KEPT,
    }),
  ),
  {
    rule: 'bucket and key (B-36)',
    attributes: { 'aws.s3.bucket': 'b', 'aws.s3.key': 'k' },
    block: { bucket_name: 'b', key: 'k' },
  },
  {
    rule: 'topic',
    attributes: { ...SDK, 'rpc.service': 'SNS', 'messaging.destination.name': 'arn:aws:sns:r:1:t' },
    block: { topic_arn: 'arn:aws:sns:r:1:t', resource_names: ['arn:aws:sns:r:1:t'] },
    rest: { ...KEPT, 'rpc.service': 'SNS' },
  },
  {
    rule: 'function and stream',
    attributes: {
      'faas.invoked_provider': 'aws',
      'faas.invoked_name': 'f',
      'aws.kinesis.stream.name': 's',
    },
    block: { function_name: 'f', stream_name: 's' },
    rest: { 'faas.invoked_provider': 'aws' },
  },
  {
    rule: 'failure of an invoked function (B-36)',
    attributes: {
      ...SDK,
      'faas.invoked_provider': 'aws',
      'faas.invoked_name': 'f',
      'aws.lambda.function_error': 'Unhandled',
    },
    block: { function_name: 'f', function_error: 'Unhandled', resource_names: ['f'] },
    rest: { ...KEPT, 'faas.invoked_provider': 'aws' },
  },
  {
    rule: 'retries',
    attributes: { ...SDK, 'http.request.resend_count': 2 },
    block: { retries: 2 },
    rest: KEPT,
  },
  {
    rule: 'an SDK call from another cloud keeps its fields (B-32)',
    attributes: { ...SDK, 'rpc.method': 'Put' },
    resource: { 'cloud.provider': 'gcp' },
    block: { operation: 'Put' },
    rest: KEPT,
  },
  {
    rule: 'another span from another cloud has no block',
    attributes: { 'aws.operation': 'x' },
    resource: { 'cloud.provider': 'gcp' },
    rest: { 'aws.operation': 'x' },
  },
  {
    rule: 'values of wrong types stay in metadata',
    attributes: { 'aws.operation': 5, 'aws.region': ['r'], 'aws.dynamodb.table_names': [1] },
    rest: { 'aws.operation': 5, 'aws.region': ['r'], 'aws.dynamodb.table_names': [1] },
  },
];

test.for(AWS)('aws: $rule', ({ attributes, resource, block, rest }) => {
  const parts: SpanParts = { kind: 'CLIENT', attributes, parent: '1111111111111111' };
  const [document] = translated(resource === undefined ? parts : { ...parts, resource });
  expect(document?.aws).toEqual(block);
  expect(document?.metadata?.['default']).toEqual(rest);
});
