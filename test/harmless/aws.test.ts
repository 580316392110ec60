import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AWS_CALLS, awsSettings, checkAwsCalls } from './aws-calls.ts';
import { type AwsEndpoint, startAwsEndpoint } from './aws-endpoint.ts';
import { compare } from './compare.ts';

const TRACE_ID = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/g;

let endpoint: AwsEndpoint;

beforeAll(async () => {
  endpoint = await startAwsEndpoint();
});
beforeEach(() => {
  endpoint.take();
});
afterAll(() => endpoint[Symbol.asyncDispose]());

test.for(AWS_CALLS)(
  'AWS calls, $way, $sampler: the app sees and sends the same as without otel-xray',
  (row) => checkAwsCalls(endpoint, row),
);

test('AWS calls with frozen inputs: messages and events still carry the trace', async () => {
  await compare(['aws.mjs', 'frozen'], { env: awsSettings(endpoint, 'always_on') });
  const carrying = endpoint.take().filter(({ body }) => decodeURIComponent(body).match(TRACE_ID));
  const names = carrying.map(
    ({ target, body }) => target ?? new URLSearchParams(body).get('Action'),
  );
  expect(names).toEqual(
    expect.arrayContaining([
      'Publish',
      'AmazonSQS.SendMessage',
      'AmazonSQS.SendMessageBatch',
      'AWSEvents.PutEvents',
    ]),
  );
});

test('AWS calls with one command sent three times: each call carries its own trace', async () => {
  await compare(['aws.mjs', 'sent three times'], { env: awsSettings(endpoint, 'always_on') });
  const calls = endpoint.take().filter(({ target }) => target === 'AmazonSQS.SendMessage');
  const ids = calls.map(({ body }) => new Set(Array.from(body.matchAll(TRACE_ID), ([, id]) => id)));
  expect(ids.map(({ size }) => size)).toEqual([0, 0, 0, 1, 1, 1]);
  expect(new Set(ids.flatMap((found) => [...found])).size).toBe(3);
});
