import { EventEmitter } from 'node:events';
import { context, createContextKey, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { handlerWithSpan } from '../../../src/instrumentation/frameworks/express-handler.ts';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';
import type { AnyFunction } from '../../../src/instrumentation/wrap/same-shape.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const tracer = trace.getTracer('express');
const LAYER = { path: '/17' };
const PATH = { path: '/:id', route: {} };

/** Returns the function of a layer; upstream's records only that it was called. */
function layerOf(handler: AnyFunction, config: object = {}, from: Tracer = tracer) {
  const upstream: unknown[] = [];
  const tracing = { tracer: from, getConfig: () => config };
  const traced = (...args: unknown[]) => upstream.push(args.length);
  return { handle: handlerWithSpan(handler, traced, tracing, LAYER, PATH), upstream };
}

/** Calls `work` in a request; returns the spans that have ended, without that of the request. */
function inRequest(work: () => void): readonly unknown[] {
  const request = tracer.startSpan('GET', {}, ROOT_CONTEXT);
  context.with(trace.setSpan(ROOT_CONTEXT, request), work);
  return tracing.spans().map(({ name, status, events, attributes, parentSpanContext }) => ({
    name,
    message: status.message,
    events: events.map((event) => event.name),
    attributes,
    isBelow: parentSpanContext?.spanId === request.spanContext().spanId,
  }));
}

const SPAN = {
  name: 'request handler - /:id',
  message: undefined,
  events: [],
  attributes: {
    'http.route': '/:id',
    'express.name': '/:id',
    'express.type': 'request_handler',
  },
  isBelow: true,
};

test('a handler that answers has a span until the response closes', () => {
  const response = new EventEmitter().setMaxListeners(5);
  const order: string[] = [];
  response.on('close', () => order.push(`spans: ${tracing.spans().length}`));
  const below: unknown[] = [];
  const { handle, upstream } = layerOf(function (this: unknown, ...args) {
    below.push(this, args.length, trace.getActiveSpan()?.isRecording());
    return 'returned';
  });
  const results: unknown[] = [];
  const spans = inRequest(() => {
    results.push(
      handle.call('self', {}, response, () => {}),
      tracing.spans().length,
      response.getMaxListeners(),
    );
    response.emit('close');
  });
  expect({ spans, upstream, below, results, order }).toEqual({
    spans: [SPAN],
    upstream: [],
    below: ['self', 3, true],
    // Of which one is ours.
    results: ['returned', 0, 6],
    // It ends before what listens already, such as the end of the request.
    order: ['spans: 1'],
  });
});

test.for([
  { passed: undefined, ended: {} },
  { passed: 'route', ended: {} },
  { passed: new RangeError('no'), ended: { message: 'no', events: ['exception'] } },
  // The SDK of this test records exceptions with a name or a message only.
  { passed: { status: 400 }, ended: { message: '{"status":400}' } },
])('next($passed) ends the span; what follows keeps the context, below the request', (row) => {
  const response = new EventEmitter();
  const key = createContextKey('baggage');
  const seen: unknown[] = [];
  const { handle } = layerOf((_request, _response, next) => {
    const mine = context.active().setValue(key, 'mine');
    context.with(mine, () => (next as AnyFunction).call('self', row.passed));
  });
  const spans = inRequest(() => {
    const request = trace.getActiveSpan();
    handle({}, response, function (this: unknown, ...args: unknown[]) {
      const { length } = tracing.spans();
      seen.push(this, args, length, trace.getActiveSpan() === request);
      seen.push(context.active().getValue(key), response.listenerCount('close'));
    });
    response.emit('close');
  });
  expect({ spans, seen }).toEqual({
    spans: [{ ...SPAN, ...row.ended }],
    seen: ['self', [row.passed], 1, true, 'mine', 0],
  });
});

const FOLDED = { ignoreLayersType: ['middleware', 'router'] };

test('handlers to which a handler passes the request on have its span, and their calls are below it', () => {
  const response = new EventEmitter();
  const below: (string | undefined)[] = [];
  const note = (): void => void below.push(trace.getActiveSpan()?.spanContext().spanId);
  const passing = (route: string) =>
    layerOf((_request, _response, next) => {
      note();
      (next as AnyFunction)(route);
    }, FOLDED).handle;
  const error = new RangeError('no');
  const last = layerOf(() => {
    note();
    throw error;
  }, FOLDED).handle;
  const spans = inRequest(() => {
    const request = {};
    passing('route')(request, response, () => {
      note();
      passing('router')(request, response, () => {
        expect(() => last(request, response, () => {})).toThrow(error);
      });
    });
    below.push(String(response.listenerCount('close')));
    response.emit('close');
  });
  const [span] = tracing.spans();
  const [own, around] = [span?.spanContext().spanId, span?.parentSpanContext?.spanId];
  expect({ spans, below }).toEqual({
    spans: [{ ...SPAN, message: 'no', events: ['exception'] }],
    below: [own, around, own, own, '1'],
  });
});

test('a handler that passes the request on has ended then if no other handler follows', () => {
  const response = new EventEmitter();
  const { handle } = layerOf((_request, _response, next) => (next as AnyFunction)(), FOLDED);
  const isOpen: boolean[] = [];
  const startMs = performance.now();
  let passedMs = 0;
  const spans = inRequest(() => {
    const request = trace.getActiveSpan();
    handle({}, response, () => {
      passedMs = performance.now();
      isOpen.push(trace.getActiveSpan() === request);
    });
    // Until the clock shows that time has passed.
    while (performance.now() < passedMs + 20);
    response.emit('close');
  });
  const [seconds = 0, nanoseconds = 0] = tracing.spans()[0]?.duration ?? [];
  expect({ spans, isOpen }).toEqual({ spans: [SPAN], isOpen: [true] });
  expect(seconds * 1000 + nanoseconds / 1e6).toBeLessThan(passedMs - startMs + 1);
});

test('a request that was passed on in another response has its own span', () => {
  const first = layerOf((_request, _response, next) => (next as AnyFunction)(), FOLDED).handle;
  const responses = [new EventEmitter(), new EventEmitter()] as const;
  const spans = inRequest(() => {
    first({}, responses[0], () => {});
    first({}, responses[1], () => {});
    for (const response of responses) response.emit('close');
  });
  expect(spans).toEqual([SPAN, SPAN]);
});

test('an error that a handler throws is recorded and thrown', () => {
  const response = new EventEmitter();
  const error = new RangeError('no');
  const { handle } = layerOf(() => {
    throw error;
  });
  const spans = inRequest(() => {
    expect(() => handle({}, response, () => {})).toThrow(error);
    response.emit('close');
  });
  expect(spans).toEqual([{ ...SPAN, message: 'no', events: ['exception'] }]);
});

test('outside a trace, a handler is only called', () => {
  const response = new EventEmitter();
  const { handle } = layerOf((...args) => args.length);
  expect([handle({}, response, () => {}), response.listenerCount('close')]).toEqual([3, 0]);
});

test.for([
  { ignoreLayersType: ['request_handler'] },
  { ignoreLayers: [/orders/] },
  { requestHook: () => {} },
  { spanNameHook: () => 'own' },
])('with %o, a layer is left to upstream', (config) => {
  const { handle, upstream } = layerOf(() => {}, config);
  handle({}, new EventEmitter(), () => {});
  expect(upstream).toEqual([3]);
});

test('a failure of tracing is reported, and the handler is called once', () => {
  const failing = { startSpan: () => JSON.parse('no JSON') } as unknown as Tracer;
  let calls = 0;
  const { handle } = layerOf(() => (calls += 1), {}, failing);
  const before = instrumentationFailures().get('express') ?? 0;
  inRequest(() => handle({}, new EventEmitter(), () => {}));
  expect([calls, instrumentationFailures().get('express')]).toEqual([1, before + 1]);
});
