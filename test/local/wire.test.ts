import { fileURLToPath } from 'node:url';

import { ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';
import { XRaySampler } from '../../src/sampler/index.ts';
import { startXRay } from '../../src/testing.ts';
import { hasBinary } from '../support/binaries.ts';
import { awsClient, entityId, framed, sendDatagrams, traceId } from '../support/local-xray.ts';
import { startRealDaemon } from '../support/real-daemon.ts';

/** Messages of the real packages, recorded with --record. */
const recording = (name: string) => fileURLToPath(new URL(`wire/${name}.jsonl`, import.meta.url));

const ERROR_STACK = [
  { label: 'order', path: '/app/shop.js', line: 12 },
  { label: 'run', path: '/app/main.js', line: 3 },
];

test.for([
  {
    name: 'aws-xray-sdk-node',
    counts: { received: 1, refused: 0, foreign: 0, unsampled: 0 },
    documents: [
      {
        trace_id: '1-691e66c0-00000000000000000000abcd',
        name: 'legacy-shop',
        user: 'alice',
        annotations: { customer: 'c-1' },
        metadata: { default: { cart: { items: 2 } } },
        aws: { xray: { sdk: 'X-Ray for Node.js', sdk_version: '3.12.0' } },
        subsegments: expect.arrayContaining([
          expect.objectContaining({
            name: 'work',
            fault: true,
            annotations: { step: 1 },
            cause: expect.objectContaining({
              exceptions: [expect.objectContaining({ type: 'TypeError', stack: ERROR_STACK })],
            }),
          }),
          expect.objectContaining({ name: 'DynamoDB', namespace: 'aws' }),
          expect.objectContaining({ name: 'stock.example.com', throttle: true }),
          expect.objectContaining({ name: 'part 2' }),
        ]),
      },
    ],
  },
  {
    name: 'aws-xray-sdk-python',
    counts: { received: 3, refused: 0, foreign: 0, unsampled: 0 },
    documents: [
      {
        trace_id: '1-691e66c0-00000000000000000000beef',
        name: 'legacy-python',
        user: 'bob',
        http: {
          request: { url: 'http://shop.example.com/orders', method: 'POST' },
          response: { status: 500 },
        },
        subsegments: [
          { name: 'SQS' },
          { name: 'work', cause: { exceptions: [{ type: 'ValueError' }] } },
        ],
      },
    ],
  },
  {
    name: 'adot-node',
    counts: { received: 2, refused: 0, foreign: 0, unsampled: 2 },
    documents: [
      {
        trace_id: '1-691e66c0-00000000000000000000ad07',
        name: 'adot-fn',
        start_time: 1763600000.123457,
        end_time: 1763600001.023457,
        fault: true,
        http: { request: { method: 'GET' }, response: { status: 500 } },
        metadata: {
          default: { n: 5, minus: -7, big: 1099511627776, f: 1.5, b: true, list: ['a', 'b'] },
        },
        subsegments: [
          {
            name: 'DynamoDB',
            namespace: 'aws',
            aws: { operation: 'PutItem', table_name: 'orders' },
            cause: { exceptions: [{ type: 'TypeError', message: 'no stock', stack: ERROR_STACK }] },
            links: [{ trace_id: '1-00000000-000000000000000000000001', attributes: { k: 'v' } }],
          },
        ],
      },
    ],
  },
])('what $name sent becomes a whole trace', async ({ name, counts, documents }) => {
  const xray = await startXRay();
  onTestFinished(() => xray.close());
  await xray.replay(recording(name));
  expect(xray.traces().flatMap((each) => each.documents)).toMatchObject(documents);
  expect(xray.counts()).toMatchObject(counts);
});

test('a document of ADOT is shown with its span', async () => {
  const xray = await startXRay();
  onTestFinished(() => xray.close());
  await xray.replay(recording('adot-node'));
  const response = await fetch(`${xray.url}/local/traces/1-691e66c0-00000000000000000000ad07`);
  const { documents } = (await response.json()) as { readonly documents: readonly unknown[] };
  expect(documents).toMatchObject([
    {
      via: 'otlp',
      span: { name: 'DynamoDB.PutItem', kind: 3, traceId: '691e66c000000000000000000000ad07' },
    },
    {
      via: 'otlp',
      span: { name: 'GET /orders', kind: 2, startTimeUnixNano: '1763600000123456789' },
    },
  ]);
});

test.skipIf(!hasBinary('xray-daemon'))('the real daemon uploads into it, and reports', async () => {
  await using xray = await startXRay();
  await using daemon = await startRealDaemon({ serviceUrl: xray.url });
  const documents = Array.from({ length: 60 }, (_, index) => ({
    trace_id: traceId(Math.floor(index / 2)),
    id: entityId(index + 1),
    name: 'uploaded',
    start_time: 1_763_600_000,
    end_time: 1_763_600_001,
    ...(index % 2 === 0 ? {} : { type: 'subsegment', parent_id: entityId(index) }),
  }));
  const refused = { ...documents[0], id: entityId(999), name: 'a?b' };
  await sendDatagrams(daemon.endpoint.port, [...documents, refused].map(framed));
  await daemon.until(() => xray.counts().received === 61);
  expect(xray.counts()).toMatchObject({ traces: 30, documents: 60, refused: 1 });
  expect(
    xray.traces().every(({ partial, documents: whole }) => !partial && whole.length === 1),
  ).toBe(true);
  // The daemon matches the refusal to its batch by the id in our answer.
  await daemon.until((each) => each.log().includes(entityId(999)));
  expect(daemon.log()).toContain('Sent batch of 11 segments but had 1 Unprocessed segments');
});

test("rules made by the real client change a sampler's share within a poll", async () => {
  await using xray = await startXRay();
  const client = awsClient(xray.url);
  onTestFinished(() => client.destroy());
  const sampler = new XRaySampler({
    endpoint: xray.url,
    resource: { 'service.name': 'shop' },
    // Ten seconds are ten milliseconds.
    deps: {
      schedule: (run, delayMs) => {
        const timer = setTimeout(run, delayMs / 1000);
        return () => clearTimeout(timer);
      },
    },
  });
  onTestFinished(() => sampler.shutdown());
  let next = 0;
  const share = (count: number) => {
    const sampled = Array.from({ length: count }, () => {
      next += 1;
      const random = Math.floor(Math.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
      const id = `${next.toString(16).padStart(8, '0')}${random.repeat(3)}`;
      return (
        sampler.shouldSample(
          ROOT_CONTEXT,
          id,
          'GET',
          1,
          { 'url.path': '/checkout/1', 'http.request.method': 'GET' },
          [],
        ).decision === 2
      );
    });
    return sampled.filter(Boolean).length / count;
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(
    () => sampler.explain({ method: 'GET', path: '/checkout/1' } as never).source === 'X-Ray',
  );
  expect(share(500)).toBe(1);
  await client.createSamplingRule({
    SamplingRule: {
      RuleName: 'checkout',
      ResourceARN: '*',
      Priority: 9000,
      FixedRate: 0.1,
      ReservoirSize: 5,
      ServiceName: 'shop',
      ServiceType: '*',
      Host: '*',
      HTTPMethod: '*',
      URLPath: '/checkout/*',
      Version: 1,
      Attributes: {},
    },
  });
  share(1);
  await until(() => share(200) < 0.5);
  const after = share(5_000);
  expect(after).toBeGreaterThan(0.07);
  expect(after).toBeLessThan(0.14);
  const counters: unknown = await (await fetch(`${xray.url}/local/rules`)).json();
  expect(counters).toMatchObject({ rules: [{ rule: { RuleName: 'checkout' } }, {}] });
});
