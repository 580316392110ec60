import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsEndpoint, type RecordedCall, startAwsEndpoint } from './aws-endpoint.ts';
import { compare } from './compare.ts';

const WAYS = [
  'plain',
  'frozen',
  'null prototype',
  'class with getters',
  'proxy',
  'throwing getter',
  'callback',
  'middleware that throws',
  'sent three times',
  'streams',
  'document client',
] as const;
const SAMPLERS = ['always_on', 'always_off'] as const;
const TRACE_ID = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/g;

let endpoint: AwsEndpoint;

beforeAll(async () => {
  endpoint = await startAwsEndpoint();
});
beforeEach(() => {
  endpoint.take();
});
afterAll(() => endpoint[Symbol.asyncDispose]());

const env = (sampler: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint.url,
  OTEL_SERVICE_NAME: 'shop',
  OTEL_TRACES_SAMPLER: sampler,
});

/** What an app sends apart from what carries a trace. */
function withoutTrace({ target, path, body }: RecordedCall): unknown {
  if (!body.startsWith('{'))
    return {
      target,
      path,
      body: body.replace(/&(?:PublishBatch\w+\.member\.\d+\.)?MessageAttributes[^&]*/g, ''),
    };
  const drop = (key: string, value: unknown): unknown =>
    /^(?:Message(?:System)?Attribute(?:s|Names)|TraceHeader|traceHeader)$/.test(key)
      ? undefined
      : value;
  return { target, path, body: JSON.parse(body, drop) };
}

test.for(WAYS.flatMap((way) => SAMPLERS.map((sampler) => ({ way, sampler }))))(
  'AWS calls, $way, $sampler: the app sees and sends the same as without otel-xray',
  async ({ way, sampler }) => {
    const { without, with: traced } = await compare(['aws.mjs', way], { env: env(sampler) });
    expect(without.code).toBe(0);
    expect(traced).toEqual(without);
    const calls = endpoint.take().map(withoutTrace);
    expect(calls.slice(calls.length / 2)).toEqual(calls.slice(0, calls.length / 2));
  },
);

test('AWS calls with frozen inputs: messages and events still carry the trace', async () => {
  await compare(['aws.mjs', 'frozen'], { env: env('always_on') });
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
  await compare(['aws.mjs', 'sent three times'], { env: env('always_on') });
  const calls = endpoint.take().filter(({ target }) => target === 'AmazonSQS.SendMessage');
  const ids = calls.map(({ body }) => new Set(Array.from(body.matchAll(TRACE_ID), ([, id]) => id)));
  expect(ids.map(({ size }) => size)).toEqual([0, 0, 0, 1, 1, 1]);
  expect(new Set(ids.flatMap((found) => [...found])).size).toBe(3);
});
