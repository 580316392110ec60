import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Span, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AwsParameterList,
  awsParameterHooks,
  awsParameterList,
} from '../../../src/instrumentation/aws/aws-parameters.ts';
import { collectMessages } from '../../support/messages.ts';

const SDK = createRequire(import.meta.url).resolve('aws-xray-sdk-core');
const SDK_LIST = join(dirname(SDK), 'resources/aws_whitelist.json');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-parameters-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly output?: unknown;
}

/** What is on the span of a call. */
function recorded(list: AwsParameterList, call: Call, isRecording = true): unknown {
  const set = new Map<string, unknown>();
  const span = {
    isRecording: () => isRecording,
    setAttribute: (key: string, value: unknown) => set.set(key, value),
  } as unknown as Span;
  const hooks = awsParameterHooks(list);
  const request = {
    serviceName: call.service,
    commandName: call.operation,
    commandInput: call.input,
  };
  hooks.onRequest(span, request);
  if (call.output !== undefined) hooks.onResponse(span, { request, data: call.output });
  const text = set.get('aws.xray.parameters');
  return text === undefined ? undefined : JSON.parse(text as string);
}

test.for([
  {
    rule: 'parameters of request and response under their names in snake case',
    call: {
      service: 'Lambda',
      operation: 'Invoke',
      input: { FunctionName: 'f', InvocationType: 'Event', Payload: 'secret' },
      output: { StatusCode: 202, Payload: 'secret' },
    },
    parameters: { function_name: 'f', invocation_type: 'Event', status_code: 202 },
  },
  {
    rule: 'the field names of a parameter under another name',
    call: {
      service: 'DynamoDB',
      operation: 'BatchGetItem',
      input: { RequestItems: { carts: { Keys: [] }, users: { Keys: [] } } },
      output: { ConsumedCapacity: [{ TableName: 'carts', CapacityUnits: 1.5 }] },
    },
    parameters: {
      table_names: ['carts', 'users'],
      consumed_capacity: [{ TableName: 'carts', CapacityUnits: 1.5 }],
    },
  },
  {
    rule: 'the length of a list',
    call: {
      service: 'SQS',
      operation: 'ReceiveMessage',
      input: { QueueUrl: 'https://sqs/q' },
      output: { Messages: [{}, {}] },
    },
    parameters: { queue_url: 'https://sqs/q', message_count: 2 },
  },
  {
    rule: 'a service of two words',
    call: {
      service: 'SageMaker Runtime',
      operation: 'InvokeEndpoint',
      input: { EndpointName: 'e' },
    },
    parameters: { endpoint_name: 'e' },
  },
  {
    rule: 'nothing for an unlisted service',
    call: { service: 'Kinesis', operation: 'PutRecord', input: { StreamName: 's' } },
    parameters: undefined,
  },
  {
    rule: 'nothing for an unlisted operation',
    call: { service: 'S3', operation: 'constructor', input: { Key: 'k' } },
    parameters: undefined,
  },
])('by the file of the X-Ray SDK for Node.js: $rule', ({ call, parameters }) => {
  const list = awsParameterList(SDK_LIST) as AwsParameterList;
  expect(recorded(list, call)).toEqual(parameters);
});

const PUBLISH: Call = { service: 'SNS', operation: 'Publish', input: { TopicArn: 'arn' } };

/** A list for SNS Publish. */
function publishing(parameters: object, service = 'sns', operation = 'publish'): AwsParameterList {
  return { services: { [service]: { operations: { [operation]: parameters } } } };
}

test('accepts the spelling of the X-Ray SDK for Python', () => {
  const list = publishing({ request_parameters: ['TopicArn'] }, 'SNS', 'Publish');
  expect(recorded(list, PUBLISH)).toEqual({ topic_arn: 'arn' });
});

test('a telephone number is not recorded even if it is listed', () => {
  const list = publishing({ request_parameters: ['PhoneNumber', 'TopicArn'] });
  const input = { TopicArn: 'arn', PhoneNumber: '+15550100' };
  expect(recorded(list, { ...PUBLISH, input })).toEqual({ topic_arn: 'arn' });
});

test('an unsampled call records nothing', () => {
  const list = publishing({ request_parameters: ['TopicArn'] });
  expect(recorded(list, PUBLISH, false)).toBeUndefined();
});

test.for([
  { what: 'a stream', value: new ReadableStream(), becomes: undefined },
  { what: 'bytes', value: Buffer.from('x'), becomes: undefined },
  { what: 'a function', value: () => 1, becomes: undefined },
  { what: 'a large number', value: 12345678901234567890n, becomes: '12345678901234567890' },
  { what: 'a date', value: new Date(0), becomes: '1970-01-01T00:00:00.000Z' },
  { what: 'text beyond 8 KB', value: 'x'.repeat(9_000), becomes: undefined },
  { what: 'a list without an end', value: Array(100_000).fill(1), becomes: undefined },
])('a parameter with $what is recorded as $becomes', ({ value, becomes }) => {
  const list = publishing({ request_parameters: ['Subject', 'TopicArn'] });
  const call = { ...PUBLISH, input: { TopicArn: 'arn', Subject: value } };
  expect(recorded(list, call)).toEqual({
    topic_arn: 'arn',
    ...(becomes !== undefined && { subject: becomes }),
  });
});

test('omits a value that contains itself', () => {
  const value: Record<string, unknown> = {};
  value['itself'] = value;
  const list = publishing({ request_parameters: ['Subject'] });
  expect(recorded(list, { ...PUBLISH, input: { Subject: value } })).toBeUndefined();
});

test.for([
  { rule: 'parameters that are not a list', list: publishing({ request_parameters: 'TopicArn' }) },
  { rule: 'descriptors that are not an object', list: publishing({ request_descriptors: [1] }) },
  { rule: 'an operation that is null', list: publishing(null as unknown as object) },
  {
    rule: 'a service without operations',
    list: { services: { sns: {} } } as unknown as AwsParameterList,
  },
])('a list that makes no sense records nothing: $rule', ({ list }) => {
  expect(recorded(list, PUBLISH)).toBeUndefined();
});

test.for([
  { rule: 'does not exist', file: 'none.json', text: undefined, says: 'ENOENT' },
  { rule: 'is not JSON', file: 'text.json', text: 'services:', says: 'JSON' },
  { rule: 'has no services', file: 'empty.json', text: '{}', says: 'no "services"' },
  { rule: 'is null', file: 'null.json', text: 'null', says: 'no "services"' },
])('a file that $rule is named with what is used instead', ({ file, text, says }) => {
  const path = join(folder, file);
  if (text !== undefined) writeFileSync(path, text);
  using logged = collectMessages();
  expect(awsParameterList(path)).toBeUndefined();
  expect(logged.warnings).toEqual([
    expect.stringMatching(
      new RegExp(`OTEL_XRAY_AWS_PARAMETERS="${path}" is not used: .*${says}.* recorded instead$`),
    ),
  ]);
});

test('accepts a span of another SDK', () => {
  const hooks = awsParameterHooks(publishing({ request_parameters: ['TopicArn'] }));
  const span = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
  expect(() =>
    hooks.onRequest(span, { commandName: 'Publish', commandInput: undefined }),
  ).not.toThrow();
});
