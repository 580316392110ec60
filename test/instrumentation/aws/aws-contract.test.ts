import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import type { SegmentDocument } from '../../../src/translator/document.ts';
import { type AwsRequest, type AwsResponse, startAwsEndpoint } from '../../support/aws-endpoint.ts';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { type Finished, run } from '../../support/run.ts';
import { schemaCheck } from '../../support/schema.ts';

const PROGRAM = join(import.meta.dirname, '../programs/aws-calls.mjs');
const REGISTER = join(root, 'dist/register.cjs');
const HEADER = /^Root=(1-[0-9a-f]{8}-[0-9a-f]{24});Parent=([0-9a-f]{16});Sampled=([01])$/;

/** Answers by the first part of the path, and by the attempt that the client names. */
function respond({ path, headers, body }: AwsRequest): AwsResponse {
  const [, way] = path.split('/');
  const isFirst = /attempt=1/.test(String(headers['amz-sdk-request']));
  if (way === 'reset') return { reset: true };
  if (way === 'hang') return { hang: true };
  if (way === 'throttled' && isFirst) return { ...empty(headers), status: 429 };
  if (way === 'denied') return { ...empty(headers), status: 403 };
  if (way === 'pages' && !body.includes('ExclusiveStartKey')) {
    return { body: '{"Items":[],"LastEvaluatedKey":{"id":{"S":"1"}}}' };
  }
  return empty(headers);
}

/** An empty result in the protocol of the client. */
function empty(headers: AwsRequest['headers']): AwsResponse {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') {
    const type = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
    return { headers: { 'x-amz-id-2': 'ID2', ...type }, body: Uint8Array.of(0xa0) };
  }
  const isQuery = /urlencoded/.test(String(headers['content-type']));
  const xml =
    '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
  return { headers: { 'x-amz-id-2': 'ID2' }, body: isQuery ? xml : '{}' };
}

interface Run extends Finished {
  readonly requests: readonly AwsRequest[];
  /** Segments by the name of the case. */
  readonly segments: ReadonlyMap<string, SegmentDocument>;
}

async function runCalls(
  env: Readonly<Record<string, string>>,
  { isTraced = true, isSampled = true } = {},
): Promise<Run> {
  await using endpoint = await startAwsEndpoint(respond);
  await using daemon = await startFakeDaemon();
  const finished = await run([...(isTraced ? ['--import', REGISTER] : []), PROGRAM], {
    cwd: root,
    env: {
      AWS_TEST_ENDPOINT: endpoint.url,
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      // On a slow machine, a step may take longer than the default, and its spans would be separate.
      OTEL_BSP_SCHEDULE_DELAY: '600000',
      OTEL_TRACES_SAMPLER: isSampled ? 'always_on' : 'always_off',
      OTEL_SERVICE_NAME: 'shop',
      ...env,
    },
  });
  const cases = finished.stdout.split('\n').length - 1;
  const segments = (): SegmentDocument[] =>
    daemon.documents().filter(({ parent_id }) => parent_id === undefined);
  await daemon.until(() => segments().length === (isTraced && isSampled ? cases : 0));
  return {
    ...finished,
    // The port differs between runs.
    stdout: finished.stdout.replaceAll(new URL(endpoint.url).host, 'endpoint'),
    requests: [...endpoint.requests],
    segments: new Map(
      segments().map((segment) => [String(segment.metadata?.['default']?.['case']), segment]),
    ),
  };
}

let alone: Run;
let sampled: Run;
let unsampled: Run;
beforeAll(async () => {
  alone = await runCalls({}, { isTraced: false });
  sampled = await runCalls({});
  unsampled = await runCalls({}, { isSampled: false });
});

test('the app sees the same with and without otel-xray', () => {
  expect(alone.code).toBe(0);
  expect(alone.stdout.split('\n').length).toBeGreaterThan(100);
  for (const { code, signal, stdout, stderr } of [sampled, unsampled]) {
    expect({ code, signal, stdout, stderr }).toEqual({
      code: alone.code,
      signal: alone.signal,
      stdout: alone.stdout,
      stderr: alone.stderr,
    });
  }
});

test('all clients send as many requests as without otel-xray', () => {
  const paths = ({ requests }: Run): string[] => requests.map(({ path }) => path).sort();
  expect(paths(sampled)).toEqual(paths(alone));
  expect(paths(unsampled)).toEqual(paths(alone));
});

test('every document conforms to the schema', () => {
  const check = schemaCheck();
  const faults = [...sampled.segments].flatMap(([name, document]) =>
    check(document).map((fault) => `${name}: ${fault}`),
  );
  expect(faults).toEqual([]);
});

test('every request, retries included, names the subsegment of its call', () => {
  const calls = new Map(
    [...sampled.segments.values()].flatMap(({ trace_id, subsegments = [] }) =>
      subsegments
        // A call that is aborted early sends no request.
        .filter(({ aws }) => aws?.retries !== undefined)
        .map(({ id, aws }) => [id, { trace_id, requests: (aws?.retries ?? 0) + 1 }]),
    ),
  );
  const seen = new Map<string, { trace_id: string | undefined; requests: number }>();
  for (const { headers } of sampled.requests) {
    const [, trace_id, id = ''] = HEADER.exec(String(headers['x-amzn-trace-id'])) ?? [];
    seen.set(id, { trace_id, requests: (seen.get(id)?.requests ?? 0) + 1 });
  }
  expect(seen).toEqual(calls);
});

test('unsampled calls carry the decision', () => {
  const decisions = unsampled.requests.map(
    ({ headers }) => HEADER.exec(String(headers['x-amzn-trace-id']))?.[3],
  );
  expect(new Set(decisions)).toEqual(new Set(['0']));
});

test('the trace header is never signed', () => {
  const signed = sampled.requests.map(({ headers }) => String(headers.authorization));
  expect(signed.filter((text) => !/SignedHeaders=/.test(text))).toEqual([]);
  expect(signed.filter((text) => /SignedHeaders=[^,]*trace/.test(text))).toEqual([]);
});

describe('facts', () => {
  /** The subsegments of a case, without what differs between runs. */
  const facts = (name: string): unknown =>
    sampled.segments.get(name)?.subsegments?.map(({ name: service, aws, http, ...flags }) => ({
      name: service,
      aws,
      http,
      ...('fault' in flags && { fault: flags.fault }),
      ...('error' in flags && { error: flags.error }),
      ...('throttle' in flags && { throttle: flags.throttle }),
    }));

  const metadata = { request_id: 'R1', id_2: 'ID2', retries: 0 };
  const http = { response: { status: 200, content_length: 2 } };
  const call = (name: string, operation: string, more: object = {}): readonly object[] => [
    { name, aws: { operation, region: 'eu-west-1', ...metadata, ...more }, http },
  ];
  const queue = { queue_url: expect.stringMatching(/\/123456789012\/orders$/) };
  const table = { table_name: 'carts', resource_names: ['carts'] };
  const object = { bucket_name: 'images', key: 'a/b.png', resource_names: ['images'] };
  const arn = 'arn:aws:sns:eu-west-1:123456789012:orders';
  const topic = { topic_arn: arn, resource_names: [arn] };

  test.for([
    { name: 'apigateway ok', calls: call('APIGateway', 'GetRestApis') },
    { name: 'bedrock ok', calls: call('BedrockRuntime', 'InvokeModel') },
    { name: 'cognito ok', calls: call('CognitoIdentityProvider', 'ListUserPools') },
    { name: 'documents ok', calls: call('DynamoDB', 'GetItem', table) },
    { name: 'dynamodb ok', calls: call('DynamoDB', 'GetItem', table) },
    { name: 'events ok', calls: call('EventBridge', 'PutEvents') },
    {
      name: 'kinesis ok',
      calls: call('Kinesis', 'PutRecord', { stream_name: 'clicks', resource_names: ['clicks'] }),
    },
    {
      name: 'lambda ok',
      calls: call('Lambda', 'Invoke', { function_name: 'pay', resource_names: ['pay'] }),
    },
    { name: 's3 ok', calls: call('S3', 'GetObject', object) },
    { name: 's3put ok', calls: call('S3', 'PutObject', object) },
    { name: 'secrets ok', calls: call('SecretsManager', 'GetSecretValue') },
    { name: 'sfn ok', calls: call('SFN', 'StartExecution') },
    {
      name: 'sns ok',
      calls: call('SNS', 'Publish', topic).map((found) => ({
        ...found,
        http: { response: { status: 200, content_length: 90 } },
      })),
    },
    { name: 'sqs ok', calls: call('SQS', 'SendMessage', queue) },
    { name: 'sqsReceive ok', calls: call('SQS', 'ReceiveMessage', queue) },
    { name: 'ssm ok', calls: call('SSM', 'GetParameter') },
    {
      name: 'dynamodb throttled',
      calls: call('DynamoDB', 'GetItem', { ...table, retries: 1 }),
    },
    {
      name: 'documents denied',
      calls: call('DynamoDB', 'GetItem', table).map((found) => ({
        ...found,
        http: { response: { status: 403, content_length: 2 } },
        error: true,
      })),
    },
    {
      name: 'lambda reset',
      calls: [
        {
          name: 'Lambda',
          aws: {
            operation: 'Invoke',
            region: 'eu-west-1',
            retries: 1,
            function_name: 'pay',
            resource_names: ['pay'],
          },
          fault: true,
        },
      ],
    },
    { name: 's3 presigned', calls: undefined },
    {
      name: 'dynamodb reused',
      calls: Array(3).fill(call('DynamoDB', 'GetItem', table)[0]),
    },
  ])('$name', ({ name, calls }) => {
    expect(facts(name)).toEqual(calls);
  });

  test('each page of a paginator is a call', () => {
    const pages = sampled.segments.get('dynamodb paginated')?.subsegments ?? [];
    expect(pages.map(({ aws }) => aws?.operation)).toEqual(['Scan', 'Scan']);
  });

  test('calls that are throttled at first are not failures', () => {
    const throttled = [...sampled.segments].filter(([name]) => name.endsWith(' throttled'));
    expect(throttled).toHaveLength(16);
    for (const [, { subsegments: [found] = [] }] of throttled) {
      expect(found?.aws?.retries).toBe(1);
      expect([found?.error, found?.fault, found?.throttle]).toEqual(Array(3).fill(undefined));
    }
  });
});
