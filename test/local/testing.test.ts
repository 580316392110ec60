import { expect, test } from 'vitest';
import { startXRay, type XRayMatchers, xrayMatchers } from '../../src/testing.ts';
import { entityId, framed, PATIENT, sendDatagrams, traceId } from '../support/local-xray.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends XRayMatchers<R> {}
}

expect.extend(xrayMatchers);

const DOCUMENT = {
  trace_id: traceId(1),
  id: entityId(1),
  name: 'shop',
  start_time: 1_763_600_000,
  end_time: 1_763_600_001,
  fault: true,
  annotations: { customer: 'c-1' },
  subsegments: [
    {
      id: entityId(2),
      name: 'DynamoDB',
      namespace: 'aws',
      start_time: 1_763_600_000,
      end_time: 1_763_600_001,
      aws: { operation: 'PutItem', table_name: 'orders' },
      annotations: { attempt: 2 },
    },
  ],
};

async function traceInTest() {
  await using xray = await startXRay();
  await sendDatagrams(xray.port, [framed(DOCUMENT)]);
  return await xray.waitFor('service("shop") { fault }', PATIENT);
}

test('the matchers find segments, subsegments and annotations', async () => {
  const trace = await traceInTest();
  expect(trace).toHaveSegment('shop', { fault: true });
  expect(trace).toHaveSubsegment('DynamoDB', {
    namespace: 'aws',
    aws: { operation: expect.stringMatching(/^Put/) },
  });
  expect(trace).toHaveAnnotation('customer', 'c-1');
  expect(trace).toHaveAnnotation('attempt');
  expect(trace).not.toHaveSegment('DynamoDB');
  expect(trace).not.toHaveSubsegment('shop');
  expect(trace).not.toHaveSubsegment('DynamoDB', { aws: { operation: 'GetItem' } });
  expect(trace).not.toHaveAnnotation('customer', 'c-2');
  expect(trace).not.toHaveAnnotation('constructor');
});

test('a matcher that fails shows the trace', async () => {
  const trace = await traceInTest();
  const message = () => expect(trace).toHaveSubsegment('SQS', { namespace: 'aws' });
  expect(message).toThrow(
    'expected the trace to have a subsegment "SQS" with {"namespace":"aws"}:',
  );
  expect(message).toThrow('└─ DynamoDB  1 s  ok  PutItem orders');
});

test('traces can be selected by filter expression', async () => {
  await using xray = await startXRay();
  await sendDatagrams(xray.port, [
    framed(DOCUMENT),
    framed({ ...DOCUMENT, trace_id: traceId(2), fault: false }),
  ]);
  await xray.waitFor(({ id }) => id === traceId(2), PATIENT);
  expect(xray.traces('fault').map(({ id }) => id)).toEqual([traceId(1)]);
  expect(() => xray.traces('nonsense')).toThrow('Error Location: line 1, position 1 :');
  await expect(xray.waitFor('nonsense')).rejects.toThrow('Error Location');
});
