import { SpanKind } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { XRaySpanProcessor } from '../../src/exporter/processor.ts';
import { openLambdaPort } from '../../src/lambda/port.ts';
import { lambdaTracing } from '../../src/start/lambda.ts';
import { sampleInvocation } from '../../src/start/sample-invocation.ts';
import { warmUp } from '../../src/start/warm-up.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';
import { startTracing, type Tracing } from '../support/tracing.ts';

const RESOURCE = resourceFromAttributes({ 'service.name': 'checkout' });
const PARENT = {
  traceId: '5759e988bd862e3fe1be46a994272793',
  spanId: '53995c3f42cd8ad8',
  traceFlags: 1,
  isRemote: true,
};
const FIRST = {
  name: 'checkout',
  kind: SpanKind.SERVER,
  attributes: { 'faas.coldstart': true, 'http.route': '/orders/{id}' },
  parentSpanContext: PARENT,
} as Partial<TranslatableSpan> as TranslatableSpan;

let tracing: Tracing;
let flushes: number;
const countFlush = (): void => {
  flushes += 1;
};
beforeEach(() => {
  tracing = startTracing();
  flushes = 0;
  openLambdaPort({ flushSync: countFlush, sendInProgress() {} });
});
afterEach(async () => {
  openLambdaPort(undefined);
  await tracing.close();
});

function shape({ name, kind, attributes, parentSpanContext, resource }: TranslatableSpan): object {
  return { name, kind, attributes, parentSpanContext, service: resource.attributes };
}

test('sample invocations have the shape of the first span and end like real ones, elsewhere', async () => {
  const ended: object[] = [];
  const exported: object[] = [];
  const lambda = lambdaTracing();
  const openSpansProcessor = {
    ...lambda.openSpansProcessor,
    onEnd: (span: TranslatableSpan) => void ended.push(shape(span)),
  };
  const translate = (span: TranslatableSpan): [] => {
    exported.push(shape(span));
    return [];
  };
  await new Promise<void>((done) => {
    warmUp(
      { translate },
      sampleInvocation(FIRST, RESOURCE, { ...lambda, openSpansProcessor }),
      done,
    );
  });
  const sample = {
    name: 'checkout',
    kind: SpanKind.SERVER,
    attributes: { ...FIRST.attributes, 'http.response.status_code': 200 },
    parentSpanContext: PARENT,
    service: { 'service.name': 'checkout' },
  };
  const failed = { ...sample, attributes: { ...FIRST.attributes, 'error.type': 'Error' } };
  const samples = Array.from({ length: 40 }, (_, at) => (at === 5 ? failed : sample));
  expect(ended).toEqual(samples);
  expect(exported).toEqual(samples);
  expect(tracing.spans()).toEqual([]);
  expect(flushes).toBe(0);
  expect(tracing.logged).toEqual([]);
});

test.for([
  { rule: 'a sample that throws', sampleTo: () => () => fail(), expected: 1 },
  { rule: 'a sample that rejects', sampleTo: () => async () => fail(), expected: 1 },
  { rule: 'samples that cannot be made', sampleTo: () => fail(), expected: 0 },
])('$rule ends the warm-up without an error', async ({ sampleTo, expected }) => {
  let runs = 0;
  const counted = (processor: XRaySpanProcessor) => {
    const run = (sampleTo as (to: XRaySpanProcessor) => () => Promise<unknown>)(processor);
    return () => {
      runs += 1;
      return run();
    };
  };
  expect(() => warmUp({}, counted, fail)).not.toThrow();
  await new Promise(setImmediate);
  expect(runs).toBe(expected);
});

function fail(): never {
  throw new Error('broken');
}
