import { tracingChannel } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { traceChannels } from '../../../src/instrumentation/channels/index.ts';
import { traceLibrary } from '../../../src/instrumentation/channels/mongoose.ts';
import { MongooseInstrumentation } from '../../../src/instrumentation/databases/mongoose.ts';
import { startTracing, type Tracing } from '../../support/tracing.ts';

const OPTIONS = { version: '1', middlewareSpans: false, connectSpans: false };

let tracing: Tracing;
let stop: () => void;

beforeEach(() => {
  tracing = startTracing();
  const load = () => traceLibrary(OPTIONS);
  stop = traceChannels({ ...OPTIONS, isEnabled: (name) => name === 'mongoose', load }).stopAll;
});
afterEach(async () => {
  stop();
  await tracing.close();
});

function errorNamed(name: string): Error {
  return Object.assign(new Error('no'), { name });
}

/** Whether an operation that fails before its command is sent is of the database. */
const ERRORS: readonly (readonly [name: string, isLocal: boolean])[] = [
  ['ValidationError', true],
  ['CastError', true],
  ['Error', true],
  ['MongoServerError', false],
  ['MongoNetworkError', false],
  ['MongooseError', false],
];

test.for(ERRORS)('an operation that fails with %s, by channels', async ([name, isLocal]) => {
  const error = errorNamed(name);
  const save = tracingChannel('mongoose:model:save').tracePromise(() => Promise.reject(error), {
    operation: 'save',
    collection: 'orders',
  });
  await expect(save).rejects.toBe(error);
  expect(
    tracing.spans().map(({ attributes, status }) => [attributes['aws.xray.layer'], status.code]),
  ).toEqual([[isLocal || undefined, SpanStatusCode.ERROR]]);
});

test.for(ERRORS)(
  'an operation that fails with %s, by the instrumentation',
  async ([name, isLocal]) => {
    const error = errorNamed(name);
    const span = trace.getTracer('test').startSpan('save', { kind: SpanKind.CLIENT });
    const instrumentation = new MongooseInstrumentation() as unknown as {
      _handleResponse(...args: readonly unknown[]): Promise<unknown>;
    };
    const save = instrumentation._handleResponse(span, () => Promise.reject(error), {}, []);
    await expect(save).rejects.toBe(error);
    expect(
      tracing.spans().map(({ attributes, status }) => [attributes['aws.xray.layer'], status.code]),
    ).toEqual([[isLocal || undefined, SpanStatusCode.ERROR]]);
  },
);
