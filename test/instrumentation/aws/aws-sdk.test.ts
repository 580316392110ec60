import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { AwsInstrumentation } from '../../../src/instrumentation/aws/aws-sdk.ts';
import { startTracing, type Tracing } from '../../support/tracing.ts';

let tracing: Tracing;
let instrumentation: AwsInstrumentation;
beforeAll(() => {
  tracing = startTracing();
  instrumentation = new AwsInstrumentation();
});
afterEach(() => tracing.reset());
afterAll(() => tracing.close());

type Handler = (command: unknown) => Promise<{ output: unknown }>;

/** A client of the AWS SDK as far as it matters: `send` resolves a stack of middleware. */
function clientOf(serviceId: string, answer: Handler) {
  const client = {
    config: { serviceId, region: async () => 'eu-west-1' },
    middlewareStack: {
      resolve: (handler: Handler, _context: object): Handler => handler,
      clone: () => client.middlewareStack,
      concat: () => client.middlewareStack,
    },
    send(commandName: string, input: unknown): Promise<unknown> {
      const handler = client.middlewareStack.resolve(answer, { commandName });
      return handler({ input }).then(({ output }) => output);
    },
  };
  const { send } = client;
  client.send = instrumentation._getV3SmithyClientSendPatch(undefined, send as never) as never;
  return client;
}

const short = ({ name, kind, attributes, links }: ReadableSpan): unknown => ({
  name,
  kind,
  count: attributes['messaging.batch.message_count'],
  links: links.map((link) => link.context.spanId),
});

const MESSAGE = {
  MessageId: 'm',
  Attributes: {
    AWSTraceHeader: 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=1',
  },
};
const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/1/orders';
const RECEIVED = {
  name: 'orders receive',
  kind: SpanKind.CLIENT,
  count: 1,
  links: ['70de5b6f19ff9a0a'],
};

test.for([
  { rule: 'no messages', output: {}, spans: [] },
  { rule: 'an empty list', output: { Messages: [] }, spans: [] },
  { rule: 'messages', output: { Messages: [MESSAGE] }, spans: [RECEIVED] },
])('a poll of SQS outside a trace that returns $rule', async ({ output, spans }) => {
  const client = clientOf('SQS', async () => ({ output }));
  expect(await client.send('ReceiveMessageCommand', { QueueUrl })).toBe(output);
  expect(tracing.spans().map(short)).toEqual(spans);
  expect(tracing.logged).toEqual([]);
});

test('a poll outside a trace that returns messages has the time of the call', async () => {
  let started = 0;
  const client = clientOf('SQS', async () => {
    started = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { output: { Messages: [MESSAGE] } };
  });
  await client.send('ReceiveMessageCommand', { QueueUrl });
  const [seconds, nanoseconds] = tracing.span('orders receive').startTime;
  expect(seconds * 1_000 + nanoseconds / 1e6).toBeLessThanOrEqual(started + 1);
  expect(tracing.span('orders receive').attributes['cloud.region']).toBe('eu-west-1');
});

test.for([
  {
    rule: 'an error',
    error: Object.assign(new Error('x'), { name: 'QueueDoesNotExist' }),
    spans: 1,
  },
  {
    rule: 'the abort of the app',
    error: Object.assign(new Error('x'), { name: 'AbortError' }),
    spans: 0,
  },
])('a poll outside a trace that ends with $rule', async ({ error, spans }) => {
  const client = clientOf('SQS', () => Promise.reject(error));
  await expect(client.send('ReceiveMessageCommand', { QueueUrl })).rejects.toBe(error);
  expect(tracing.spans()).toHaveLength(spans);
});

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const THROWN = {
  errorType: 'SoldOut',
  errorMessage: 'no kettles',
  trace: ['SoldOut: no kettles', '    at f (/var/task/index.js:1:2)'],
};

test.for([
  {
    rule: 'an invoked function that threw an error',
    call: ['Lambda', 'InvokeCommand'],
    output: { StatusCode: 200, FunctionError: 'Unhandled', Payload: bytes(THROWN) },
    error: ['SoldOut', 'no kettles', THROWN.trace.join('\n')],
  },
  {
    rule: 'an invoked function of Python',
    call: ['Lambda', 'InvokeCommand'],
    output: {
      FunctionError: 'Unhandled',
      Payload: bytes({ errorType: 'KeyError', errorMessage: 'k', stackTrace: ['  File "f"'] }),
    },
    error: ['KeyError', 'k', undefined],
  },
  ...[undefined, bytes('text'), bytes(null), Uint8Array.of(123), bytes({ errorType: 7 })].map(
    (Payload) => ({
      rule: 'an invoked function whose payload is not an error',
      call: ['Lambda', 'InvokeCommand'],
      output: { FunctionError: 'Handled', Payload },
      error: ['FunctionError', 'the function failed (Handled)', undefined],
    }),
  ),
  {
    rule: 'an invoked function that returned an error as its value',
    call: ['Lambda', 'InvokeCommand'],
    output: { StatusCode: 200, Payload: bytes(THROWN) },
    error: undefined,
  },
  {
    rule: 'a failed execution of Step Functions',
    call: ['SFN', 'StartSyncExecutionCommand'],
    output: { status: 'FAILED', error: 'SoldOut', cause: 'no kettles' },
    error: ['SoldOut', 'no kettles', undefined],
  },
  {
    rule: 'an execution that took too long',
    call: ['SFN', 'StartSyncExecutionCommand'],
    output: { status: 'TIMED_OUT' },
    error: ['TIMED_OUT', 'the execution is TIMED_OUT', undefined],
  },
  {
    rule: 'a successful execution',
    call: ['SFN', 'StartSyncExecutionCommand'],
    output: { status: 'SUCCEEDED', error: 'x' },
    error: undefined,
  },
])(
  'the failure in a result: $rule',
  async ({ call: [service = '', command = ''], output, error }) => {
    const client = clientOf(service, async () => ({ output }));
    expect(await client.send(command, {})).toBe(output);
    const [span] = tracing.spans();
    expect(span?.status.code).toBe(error ? SpanStatusCode.ERROR : SpanStatusCode.UNSET);
    expect(span?.attributes['aws.lambda.function_error']).toBe(
      'FunctionError' in output ? output.FunctionError : undefined,
    );
    const [event] = span?.events ?? [];
    expect(
      event && [
        event.attributes?.['exception.type'],
        event.attributes?.['exception.message'],
        event.attributes?.['exception.stacktrace'],
      ],
    ).toEqual(error);
    expect(tracing.logged).toEqual([]);
  },
);

test('a poll inside a trace is a call, whatever it returns', async () => {
  const client = clientOf('SQS', async () => ({ output: {} }));
  const root = trace.getTracer('t').startSpan('root');
  await context.with(trace.setSpan(context.active(), root), () =>
    client.send('ReceiveMessageCommand', { QueueUrl }),
  );
  root.end();
  expect(tracing.spans().map(short)).toEqual([
    { ...RECEIVED, count: 0, links: [] },
    expect.objectContaining({ name: 'root' }),
  ]);
});

test.for([
  {
    service: 'Kinesis',
    call: 'GetRecordsCommand',
    empty: { Records: [] },
    full: { Records: [{}] },
  },
  { service: 'DynamoDB Streams', call: 'GetRecordsCommand', empty: {}, full: { Records: [{}] } },
  { service: 'SFN', call: 'GetActivityTaskCommand', empty: {}, full: { taskToken: 't' } },
])('a poll of $service outside a trace is recorded if it returns something', async (row) => {
  await clientOf(row.service, async () => ({ output: row.empty })).send(row.call, {});
  expect(tracing.spans()).toEqual([]);
  await clientOf(row.service, async () => ({ output: row.full })).send(row.call, {});
  expect(tracing.spans()).toHaveLength(1);
});

test('a telephone number is recorded nowhere', async () => {
  const PhoneNumber = '+15550100';
  const error = new Error(`Invalid parameter: PhoneNumber Reason: ${PhoneNumber} is not valid`);
  const client = clientOf('SNS', () => Promise.reject(error));
  await expect(client.send('PublishCommand', { PhoneNumber, Message: 'm' })).rejects.toBe(error);
  const { name, attributes, events, status } = tracing.span('phone_number send');
  expect(JSON.stringify({ name, attributes, events, status })).not.toContain('5550100');
  expect(status).toEqual({
    code: SpanStatusCode.ERROR,
    message: 'Invalid parameter: PhoneNumber Reason: *** is not valid',
  });
});

test('an error has the facts of its metadata and its causes', async () => {
  const error = Object.assign(new Error('slow down', { cause: new TypeError('inner') }), {
    name: 'SlowDown',
    $metadata: { requestId: 'R', extendedRequestId: 'E', httpStatusCode: 503 },
  });
  const client = clientOf('S3', () => Promise.reject(error));
  await expect(client.send('GetObjectCommand', { Bucket: 'b', Key: 'k' })).rejects.toBe(error);
  const { attributes, events } = tracing.span('S3.GetObject');
  expect(attributes).toMatchObject({
    'aws.request.id': 'R',
    'aws.request.extended_id': 'E',
    'http.response.status_code': 503,
    'aws.s3.bucket': 'b',
    'aws.s3.key': 'k',
  });
  expect(events[0]?.attributes?.['exception.stacktrace']).toContain('Caused by: TypeError: inner');
});

test('the span of a model’s stream that is never read ends when the stream is collected', async () => {
  async function* events(): AsyncGenerator<object> {
    yield { messageStop: { stopReason: 'end_turn' } };
  }
  const client = clientOf('Bedrock Runtime', async () => ({ output: { stream: events() } }));
  await client.send('ConverseStreamCommand', { modelId: 'm' });
  expect(tracing.spans()).toEqual([]);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await vi.waitUntil(() => {
    collect();
    return tracing.spans().length > 0;
  }, 60_000);
  expect(tracing.span('chat m').status.code).toBe(SpanStatusCode.UNSET);
});

const SERVICES = ['SQS', 'SNS', 'DynamoDB', 'S3', 'Lambda', 'Kinesis', 'SFN', 'EventBridge'];
const COMMANDS = [
  'SendMessage',
  'SendMessageBatch',
  'ReceiveMessage',
  'Publish',
  'PublishBatch',
  'PutEvents',
  'Invoke',
  'InvokeModel',
  'InvokeWithResponseStream',
  'ConverseStream',
  'GetItem',
  'TransactWriteItems',
];
const FIELDS = [
  'QueueUrl',
  'Entries',
  'MessageAttributes',
  'MessageAttributeNames',
  'TopicArn',
  'PhoneNumber',
  'PublishBatchRequestEntries',
  'TransactItems',
  'RequestItems',
  'modelId',
  'body',
  'Messages',
  'EventStream',
  '$metadata',
];

/** Values as no app should pass them, but some do. */
const hostile = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.anything({ withNullPrototype: true })),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.anything()).map((value) => Object.freeze(value)),
  fc.constant('a proxy that throws'),
);

function fail(): never {
  throw new Error('hostile');
}

/** fast-check prints values, so the proxy stands outside of them. */
const made = (value: unknown): unknown =>
  value === 'a proxy that throws'
    ? new Proxy({}, { get: fail, ownKeys: fail, has: fail, getPrototypeOf: fail })
    : value;

test('any input, result and error has the same outcome as without otel-xray, and one call is made', async () => {
  const calls = fc.record({
    service: fc.constantFrom(...SERVICES, 'Bedrock Runtime'),
    command: fc.constantFrom(...COMMANDS),
    input: hostile,
    result: hostile,
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(calls, async ({ service, command, input, result, fails }) => {
      const [given, returned] = [made(input), made(result)];
      let count = 0;
      const answer = (): Promise<{ output: unknown }> => {
        count += 1;
        return fails ? Promise.reject(returned) : Promise.resolve({ output: returned });
      };
      const outcome = (run: () => Promise<unknown>): Promise<readonly unknown[]> =>
        run().then(
          (value) => ['value', [value]],
          (error: unknown) => ['error', [error]],
        );
      const expected = await outcome(() => answer().then(({ output }) => output));
      const client = clientOf(service, answer);
      const seen = await outcome(() => client.send(`${command}Command`, given));
      expect(count).toBe(2);
      expect(seen[0]).toBe(expected[0]);
      const [[one], [other]] = [seen[1], expected[1]] as [[unknown], [unknown]];
      const isSame = Object.is(one, other) || isStream(command) || /hostile/.test(String(one));
      expect(isSame).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** The stream of a model is replaced by one that observes it. */
function isStream(command: string): boolean {
  return command === 'ConverseStream';
}
