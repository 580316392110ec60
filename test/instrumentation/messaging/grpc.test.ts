import { EventEmitter } from 'node:events';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import serverUtils from '@opentelemetry/instrumentation-grpc/build/src/serverUtils.js';
import { afterAll, beforeEach, expect, test } from 'vitest';
import '../../../src/instrumentation/messaging/grpc.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

type Handler = (call: EventEmitter, callback: (...args: unknown[]) => void) => unknown;

/** Calls a handler as upstream does for each request. */
function serve(handler: Handler, callback?: (...args: unknown[]) => void): unknown {
  const span = trace.getTracer('test').startSpan('grpc.shop.Orders/Get', { kind: SpanKind.SERVER });
  const type = callback === undefined ? 'server_stream' : 'unary';
  const call = new EventEmitter();
  const { handleServerFunction } = serverUtils as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  return handleServerFunction?.(span, type, handler, call, callback);
}

/** What the segment says of the failure. */
function failure(): unknown {
  const { attributes, events, status } = tracing.span('grpc.shop.Orders/Get');
  return {
    code: attributes['rpc.grpc.status_code'],
    failed: status.code === SpanStatusCode.ERROR,
    text: attributes['grpc.error_message'],
    exceptions: events.map((event) => event.attributes?.['exception.message']),
  };
}

const broken = (): never => {
  throw new TypeError('no basket');
};

test.each([
  ['with a callback', () => {}],
  ['with a stream', undefined],
])('a handler %s that throws: the segment ends with the error', (_what, callback) => {
  expect(() => serve(broken, callback)).toThrow('no basket');
  expect(failure()).toEqual({ code: 2, failed: true, text: undefined, exceptions: ['no basket'] });
});

test('a handler whose promise rejects: the segment ends with the error', async () => {
  const served = serve(
    async () => broken(),
    () => {},
  );
  await expect(served).rejects.toThrow('no basket');
  expect(failure()).toMatchObject({ failed: true, exceptions: ['no basket'] });
});

const REFUSED = { code: 5, details: 'no such order' };
const RESPONDED = { code: 5, failed: true, text: 'no such order', exceptions: [] };

test('a handler that responds with a status: its text is the cause', () => {
  const told: unknown[] = [];
  serve(
    (_call, respond) => respond(REFUSED),
    (...args) => told.push(...args),
  );
  expect(failure()).toEqual(RESPONDED);
  expect(told).toEqual([REFUSED, undefined]);
});

test('a stream that ends with a status: its text is the cause', () => {
  serve((call) => call.on('error', () => {}).emit('error', REFUSED));
  expect(failure()).toEqual(RESPONDED);
});

test('a handler that responds, then throws, or responds again: the first is the outcome', () => {
  const told: unknown[] = [];
  const handler: Handler = (_call, respond) => {
    respond(null, 'order');
    respond(REFUSED);
    return broken();
  };
  expect(() => serve(handler, (...args) => told.push(args))).toThrow('no basket');
  expect(failure()).toEqual({ code: 0, failed: false, text: undefined, exceptions: [] });
  expect(told).toEqual([[null, 'order'], [REFUSED]]);
  expect(tracing.logged).toEqual([]);
});

test('a stream that finishes after its handler has thrown keeps its error', () => {
  let stream: EventEmitter | undefined;
  const handler: Handler = (call) => {
    stream = call;
    return broken();
  };
  expect(() => serve(handler)).toThrow('no basket');
  stream?.emit('finish');
  expect(failure()).toMatchObject({ failed: true, exceptions: ['no basket'] });
  expect(tracing.logged).toEqual([]);
});
