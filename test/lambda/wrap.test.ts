import { EventEmitter, once } from 'node:events';
import vm from 'node:vm';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { capture } from '../../src/api.ts';
import { lambdaPort, openLambdaPort } from '../../src/lambda/port.ts';
import { wrapWith } from '../../src/lambda/wrap.ts';
import { outgoingHeader } from '../../src/propagation/index.ts';
import { isInvocationParent } from '../../src/propagation/span-context-flags.ts';
import {
  HEADER,
  type LambdaTracing,
  lambdaContext,
  lambdaDeps,
  PARENT,
  startLambdaTracing,
  TRACE,
} from '../support/lambda.ts';

let tracing: LambdaTracing;
beforeAll(() => {
  tracing = startLambdaTracing();
});
afterEach(() => tracing.reset());
afterAll(() => tracing.close());

const tracer = trace.getTracer('test');
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

const inner = new Error('inner');
inner.stack = 'Error: inner\n    at work (/app/inner.js:1:2)';

/** What a handler may throw, however odd. */
const THROWN: readonly { readonly rule: string; readonly thrown: unknown }[] = [
  { rule: 'an object with a message', thrown: { message: 'no stock', code: 'E1' } },
  { rule: 'a chain of causes', thrown: new TypeError('outer', { cause: inner }) },
  { rule: 'an error of another realm', thrown: vm.runInNewContext('new RangeError("far")') },
  { rule: 'an object without a prototype', thrown: Object.create(null) },
  {
    rule: 'a throwing message',
    thrown: Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('hostile');
      },
    }),
  },
  {
    rule: 'a proxy that throws',
    thrown: new Proxy(
      {},
      {
        get() {
          throw new Error('hostile');
        },
      },
    ),
  },
  { rule: 'a symbol', thrown: Symbol('s') },
  { rule: 'undefined', thrown: undefined },
  { rule: 'a function', thrown: () => 1 },
];

function work(name = 'work'): void {
  tracer.startSpan(name).end();
}

describe('the span of an invocation', () => {
  test('is a child of the function segment and is sent before the response', async () => {
    const handler = wrapWith(async (event: { n: number }, _context: object) => {
      work();
      return event.n + 1;
    }, lambdaDeps());
    const answer = handler({ n: 1 }, lambdaContext());
    expect(await answer).toBe(2);
    expect(tracing.flushes).toEqual(['flush work,checkout']);
    const span = tracing.span('checkout');
    expect({ kind: span.kind, attributes: span.attributes, status: span.status }).toEqual({
      kind: SpanKind.SERVER,
      attributes: {
        'faas.coldstart': true,
        'faas.invocation_id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
        'cloud.resource_id': 'arn:aws:lambda:eu-west-1:123456789012:function:checkout',
        'cloud.account.id': '123456789012',
      },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span.spanContext().traceId).toBe(TRACE);
    expect(span.parentSpanContext).toMatchObject({ spanId: PARENT, isRemote: true });
    expect(isInvocationParent(span.parentSpanContext ?? {})).toBe(true);
    expect(tracing.span('work').parentSpanContext?.spanId).toBe(span.spanContext().spanId);
    expect(isInvocationParent(tracing.span('work').parentSpanContext ?? {})).toBe(false);
  });

  test.for([
    {
      rule: 'a rejection',
      run: async () => {
        throw new RangeError('too far');
      },
    },
    {
      rule: 'an exception before the promise',
      run: (): Promise<never> => {
        throw new RangeError('too far');
      },
    },
  ])('$rule becomes a fault with its exception and reaches the caller', async ({ run }) => {
    const handler = wrapWith(run, lambdaDeps());
    await expect(
      (async () => handler(...([{}, lambdaContext()] as unknown as [])))(),
    ).rejects.toThrow(new RangeError('too far'));
    const span = tracing.span('checkout');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
    expect(span.attributes['error.type']).toBe('RangeError');
    expect(span.events.map(({ attributes }) => attributes?.['exception.message'])).toEqual([
      'too far',
    ]);
    expect(tracing.flushes).toEqual(['flush checkout']);
  });

  test.for(THROWN)('$rule is recorded as capture records it', async ({ thrown }) => {
    const fail = async (_event: object, _context: object): Promise<never> => {
      throw thrown;
    };
    const outcome = async (run: () => Promise<unknown>): Promise<unknown> =>
      run().then(
        () => 'no error',
        (error: unknown) => (error === thrown ? 'the same error' : error),
      );
    const handler = wrapWith(fail, lambdaDeps());
    expect(await outcome(() => handler({}, lambdaContext()))).toBe('the same error');
    const sampled = { traceId: TRACE, spanId: PARENT, traceFlags: 1 };
    await context.with(trace.setSpanContext(ROOT_CONTEXT, sampled), () =>
      outcome(() => capture('captured', () => fail({}, {}))),
    );
    const facts = (name: string): unknown => {
      const { status, events } = tracing.span(name);
      return { status, events: events.map(({ attributes }) => attributes) };
    };
    expect(facts('checkout')).toEqual(facts('captured'));
    expect(tracing.span('checkout').status.code).toBe(SpanStatusCode.ERROR);
    expect(tracing.span('checkout').events).toHaveLength(1);
  });

  test('a thrown string is rethrown unchanged', async () => {
    const handler = wrapWith(() => Promise.reject('plain'), lambdaDeps());
    await expect(handler(...([{}, lambdaContext()] as unknown as []))).rejects.toBe('plain');
    expect(tracing.span('checkout').status.message).toBe('plain');
    expect(tracing.span('checkout').attributes['error.type']).toBe('string');
  });

  test.for([
    { statusCode: 200, status: { code: SpanStatusCode.UNSET } },
    { statusCode: 404, status: { code: SpanStatusCode.UNSET } },
    { statusCode: 502, status: { code: SpanStatusCode.ERROR } },
    { statusCode: '500', recorded: 500, status: { code: SpanStatusCode.ERROR } },
    { statusCode: '5xx', recorded: undefined, status: { code: SpanStatusCode.UNSET } },
    { statusCode: 99, recorded: undefined, status: { code: SpanStatusCode.UNSET } },
  ])('records the response status $statusCode', async (row) => {
    const { statusCode, status } = row;
    const handler = wrapWith(
      async (_event: object, _context: object) => ({ statusCode }),
      lambdaDeps(),
    );
    await handler({ httpMethod: 'GET', path: '/' }, lambdaContext());
    const span = tracing.span('checkout');
    expect(span.attributes['http.response.status_code']).toBe(
      'recorded' in row ? row.recorded : statusCode,
    );
    expect(span.status).toEqual(status);
  });

  test('a handler without a promise ends when it returns', () => {
    const handler = wrapWith((_event: object, _context: object) => 7, lambdaDeps());
    expect(handler({}, lambdaContext())).toBe(7);
    expect(tracing.flushes).toEqual(['flush checkout']);
  });

  test('a handler without a context object runs', async () => {
    const handler = wrapWith(async (event: number) => event, lambdaDeps());
    expect(await handler(3)).toBe(3);
    expect(tracing.span('checkout').attributes).toEqual({ 'faas.coldstart': true });
  });
});

describe('callbacks', () => {
  type Callback = (error: unknown, value?: unknown) => void;

  test('calls back after the spans are sent', () => {
    const order: unknown[] = [];
    const handler = wrapWith((_event: object, _context: object, callback: Callback) => {
      work();
      callback(null, { statusCode: 500 });
    }, lambdaDeps());
    const before = process.listenerCount('beforeExit');
    handler({}, lambdaContext(), (error, value) => order.push(...tracing.flushes, error, value));
    expect(order).toEqual(['flush work,checkout', null, { statusCode: 500 }]);
    expect(tracing.span('checkout').attributes['http.response.status_code']).toBe(500);
    expect(process.listenerCount('beforeExit')).toBe(before);
  });

  test('an error passed to the callback is a fault', () => {
    const handler = wrapWith((_event: object, _context: object, callback: Callback) => {
      callback(new Error('no stock'));
    }, lambdaDeps());
    handler({}, lambdaContext(), () => {});
    expect(tracing.span('checkout').status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'no stock',
    });
  });

  test('the callback runs outside the invocation, because the runtime may start the next one in it', () => {
    const handler = wrapWith((event: { again: boolean }, _context: object, callback: Callback) => {
      callback(null, event.again);
    }, lambdaDeps());
    const next = (_error: unknown, again: unknown): void => {
      if (again === true)
        handler({ again: false }, lambdaContext({ awsRequestId: 'second' }), next);
    };
    handler({ again: true }, lambdaContext(), next);
    expect(tracing.spans().map(({ attributes }) => attributes['faas.invocation_id'])).toEqual([
      '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
      'second',
    ]);
  });

  test.for(['done', 'succeed', 'fail'])('context.%s ends the invocation', (name) => {
    const called: unknown[][] = [];
    const handler = wrapWith(
      (
        _event: object,
        lambda: Record<string, (...args: unknown[]) => void>,
        _callback: Callback,
      ) => {
        lambda[name]?.(name === 'fail' ? 'bad' : null, 'value');
      },
      lambdaDeps(),
    );
    handler(
      {},
      lambdaContext({ [name]: (...args: unknown[]) => called.push(args) }) as never,
      () => {},
    );
    expect(called).toEqual([[name === 'fail' ? 'bad' : null, 'value']]);
    expect(tracing.span('checkout').status.message).toBe(name === 'fail' ? 'bad' : undefined);
  });

  test('an async handler with a callback leaves no listener behind', async () => {
    const before = process.listenerCount('beforeExit');
    const handler = wrapWith(async (_event: object, _context: object) => 1, lambdaDeps());
    await (handler as unknown as (...args: unknown[]) => Promise<number>)(
      {},
      lambdaContext(),
      () => {},
    );
    expect(process.listenerCount('beforeExit')).toBe(before);
    expect(tracing.flushes).toEqual(['flush checkout']);
  });
});

describe('the wrapped handler', () => {
  test('keeps parameters, name and own properties', () => {
    const handler = Object.assign(
      function named(_event: object, _stream: object, _context: object): void {},
      { [STREAMING]: 'response', note: 1 },
    );
    const wrapped = wrapWith(handler, lambdaDeps());
    expect({
      length: wrapped.length,
      name: wrapped.name,
      mark: wrapped[STREAMING as never],
      note: wrapped.note,
    }).toEqual({ length: 3, name: 'named', mark: 'response', note: 1 });
  });

  test('is returned unchanged when wrapped again', () => {
    const once = wrapWith(async () => 1, lambdaDeps());
    expect(wrapWith(once, lambdaDeps())).toBe(once);
  });

  test('creates one span inside another wrapped handler', async () => {
    const inner = wrapWith(async (_event: object, _context: object) => work(), lambdaDeps());
    const outer = wrapWith(
      async (event: object, lambda: object) => inner(event, { ...lambda }),
      lambdaDeps(),
    );
    await outer({}, lambdaContext());
    expect(tracing.spans().map(({ name }) => name)).toEqual(['work', 'checkout']);
  });

  test('throws a TypeError for a handler that is not a function', () => {
    expect(() => wrapWith('index.handler' as never, lambdaDeps())).toThrow(
      new TypeError('Lambda handler is of type string; expected a function'),
    );
  });

  test.for([
    { rule: 'marked by the runtime', marks: { [STREAMING]: 'response' } },
    { rule: 'marked later', marks: {} },
  ])('a streaming handler, $rule: the context is the third argument', async ({ marks }) => {
    const stream = { write() {} };
    const handler = wrapWith(
      Object.assign(async (_event: object, out: object, _context: object) => out, marks),
      lambdaDeps(),
    );
    expect(await handler({}, stream, lambdaContext())).toBe(stream);
    expect(tracing.span('checkout').attributes['faas.invocation_id']).toBe(
      '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
    );
    expect(tracing.flushes).toEqual(['flush checkout']);
  });
});

describe('the parent', () => {
  const other = 'Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8f;Sampled=1';
  const store = { awslambda: { InvokeStore: { getXRayTraceId: () => HEADER } } };

  test.for([
    {
      rule: 'the invoke store is first',
      parts: { globals: store, env: { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: other } },
      lambda: { xRayTraceId: other },
    },
    {
      rule: 'the handler’s context is second',
      parts: { env: { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: other } },
      lambda: { xRayTraceId: HEADER },
    },
    { rule: 'the environment is third', parts: {}, lambda: {} },
    {
      rule: 'the request’s headers do not override it',
      parts: {},
      lambda: {},
      event: { headers: { 'X-Amzn-Trace-Id': other, traceparent: '00-aa-bb-01' } },
    },
    {
      rule: 'the request’s headers count without a header from Lambda',
      parts: { env: {} },
      lambda: {},
      event: { headers: { 'x-amzn-trace-id': HEADER } },
    },
  ])('$rule', async ({ parts, lambda, event = {} }) => {
    await wrapWith(async (_event: object, _context: object) => {}, lambdaDeps(parts))(
      event,
      lambdaContext(lambda),
    );
    const span = tracing.span('checkout');
    expect([span.spanContext().traceId, span.parentSpanContext?.spanId]).toEqual([TRACE, PARENT]);
  });

  test('concurrent invocations ignore the environment variable', async () => {
    const env = {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_MAX_CONCURRENCY: '10',
      _X_AMZN_TRACE_ID: HEADER,
    };
    await wrapWith(async (_event: object, _context: object) => work(), lambdaDeps({ env }))(
      {},
      lambdaContext(),
    );
    expect(tracing.spans()).toEqual([]);
  });

  test.for([
    { rule: 'not sampled', header: HEADER.replace('Sampled=1', 'Sampled=0') },
    { rule: 'no header', header: '' },
  ])('nothing is recorded: $rule', async ({ header }) => {
    const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: header };
    await wrapWith(async (_event: object, _context: object) => work(), lambdaDeps({ env }))(
      {},
      lambdaContext(),
    );
    expect(tracing.spans()).toEqual([]);
  });

  test.for([
    'Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:c001d00d:2',
    'Root=1-5759e988-bd862e3fe1be46a994272793',
  ])('pass-through: no span, and a call hands the header on as it came: %s', async (header) => {
    const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: header };
    const handler = wrapWith(async (_event: object, _context: object) => {
      // As the instrumentation of a client does it.
      const call = tracer.startSpan('GET');
      const sent = outgoingHeader(trace.setSpan(context.active(), call));
      call.end();
      return sent;
    }, lambdaDeps({ env }));
    expect(await handler({}, lambdaContext())).toBe(header);
    expect(tracing.spans()).toEqual([]);
  });

  test('concurrent invocations are separate', async () => {
    const gate = new EventEmitter();
    const handler = wrapWith(async (event: string, _context: object) => {
      await once(gate, 'open');
      work(event);
    }, lambdaDeps());
    const calls = [1, 2, 3].map((n) =>
      handler(
        `work-${n}`,
        lambdaContext({
          awsRequestId: `request-${n}`,
          xRayTraceId: HEADER.replace('1-5759e988', `1-5759e98${n}`),
        }),
      ),
    );
    gate.emit('open');
    await Promise.all(calls);
    for (const n of [1, 2, 3]) {
      expect(tracing.span(`work-${n}`).spanContext().traceId.slice(0, 8)).toBe(`5759e98${n}`);
    }
    expect(tracing.flushes).toHaveLength(3);
  });
});

describe('SQS', () => {
  function record(id: string, header?: string): object {
    return {
      messageId: id,
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
      attributes: header === undefined ? {} : { AWSTraceHeader: header },
    };
  }
  const sender = (n: number): string =>
    `Root=1-58406520-a006649127e371903a2de979;Parent=4c721bf33e3caf8${n};Sampled=1`;

  test('a batch is a child with one link for each sender', async () => {
    const Records = [
      record('m1', sender(1)),
      record('m2', sender(2)),
      record('m3', sender(1)),
      record('m4'),
      record('m5', 'garbage'),
      record('m6', 'Root=1-58406520-a006649127e371903a2de979'),
    ];
    await wrapWith(async (_event: object, _context: object) => work(), lambdaDeps())(
      { Records },
      lambdaContext(),
    );
    const span = tracing.span('process orders');
    expect({
      kind: span.kind,
      attributes: span.attributes,
      parent: span.parentSpanContext?.spanId,
      links: span.links.map(({ context, attributes }) => [context.spanId, attributes]),
    }).toEqual({
      kind: SpanKind.CONSUMER,
      attributes: {
        'faas.trigger': 'pubsub',
        'messaging.system': 'aws_sqs',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'orders',
        'messaging.batch.message_count': 6,
        'aws.sqs.queue.url': 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders',
      },
      parent: tracing.span('checkout').spanContext().spanId,
      links: [
        ['4c721bf33e3caf81', { 'messaging.message.id': 'm1' }],
        ['4c721bf33e3caf82', { 'messaging.message.id': 'm2' }],
      ],
    });
    expect(tracing.span('checkout').attributes['faas.trigger']).toBe('pubsub');
  });

  test('a failed batch is marked on both', async () => {
    const handler = wrapWith(async (_event: object, _context: object) => {
      throw new Error('poison');
    }, lambdaDeps());
    await expect(handler({ Records: [record('m1')] }, lambdaContext())).rejects.toThrow('poison');
    expect(tracing.spans().map(({ name, status }) => [name, status.message])).toEqual([
      ['process orders', 'poison'],
      ['checkout', 'poison'],
    ]);
  });
});

describe('links of other events', () => {
  const other = HEADER.replace('1-5759e988', '1-5759e989').replace(PARENT, '70de5b6f19ff9a0a');
  const attribute = { Type: 'String', Value: other };
  const link = {
    context: expect.objectContaining({
      traceId: TRACE.replace('5759e988', '5759e989'),
      spanId: '70de5b6f19ff9a0a',
    }),
  };
  const sns = (attributes: object): object => ({
    EventSource: 'aws:sns',
    Sns: { MessageId: 'm', MessageAttributes: attributes },
  });

  test.for([
    {
      rule: 'the message attributes of SNS',
      event: { Records: [sns({ 'x-amzn-trace-id': attribute }), sns({})] },
      links: [{ ...link, attributes: { 'messaging.message.id': 'm' } }],
    },
    {
      rule: 'the detail of EventBridge',
      event: { 'detail-type': 'Order', detail: { 'X-Amzn-Trace-Id': other } },
      links: [link],
    },
    {
      rule: 'the input of a state machine',
      event: { order: 1, 'x-amzn-trace-id': other },
      links: [link],
    },
    {
      rule: 'none where the invocation belongs to the same trace',
      event: { Records: [sns({ 'x-amzn-trace-id': { ...attribute, Value: HEADER } })] },
      links: [],
    },
    { rule: 'none without a trace', event: { Records: [null, {}, 'x'] }, links: [] },
    { rule: 'none from a stream', event: { Records: [{ eventSource: 'aws:kinesis' }] }, links: [] },
  ])('$rule', async ({ event, links }) => {
    await wrapWith(async (_event: object, _context: object) => {}, lambdaDeps())(
      event,
      lambdaContext(),
    );
    expect(tracing.span('checkout').links).toMatchObject(links);
    expect(tracing.span('checkout').links).toHaveLength(links.length);
  });
});

describe('near the deadline', () => {
  test('sends open spans in progress and finished ones complete', async () => {
    const handler = wrapWith(async (_event: object, _context: object) => {
      work('before');
      const slow = tracer.startSpan('slow', { attributes: { a: 1 } });
      await once(tracing.events, 'flush');
      slow.end();
    }, lambdaDeps());
    await handler({}, lambdaContext({ getRemainingTimeInMillis: () => 60 }));
    expect(tracing.flushes).toEqual(['flush before', 'flush before,slow,checkout']);
    expect(
      tracing.inProgress.map(({ name, attributes }) => [name, attributes['aws.xray.inprogress']]),
    ).toEqual([
      ['checkout', true],
      ['slow', true],
    ]);
    expect(tracing.inProgress[1]?.attributes['a']).toBe(1);
    expect(tracing.span('slow').attributes).toEqual({ a: 1 });
  });

  test('an invocation in time sends no in-progress spans', async () => {
    await wrapWith(async (_event: object, _context: object) => {}, lambdaDeps())(
      {},
      lambdaContext(),
    );
    expect(tracing.inProgress).toEqual([]);
  });
});

test.for([
  { rule: 'a result', run: async () => 'done', settled: { status: 'fulfilled', value: 'done' } },
  {
    rule: 'an error',
    run: () => Promise.reject('no'),
    settled: { status: 'rejected', reason: 'no' },
  },
])(
  'without register, $rule waits until the app’s own provider has sent',
  async ({ run, settled }) => {
    const port = lambdaPort();
    openLambdaPort(undefined);
    const order: string[] = [];
    const flush = vi.spyOn(tracing.provider, 'forceFlush').mockImplementation(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('sent');
    });
    const handler = wrapWith(run as () => Promise<string>, lambdaDeps());
    const answer = handler(...([{}, lambdaContext()] as unknown as []));
    const [result] = await Promise.allSettled([answer.finally(() => order.push('answered'))]);
    flush.mockRestore();
    openLambdaPort(port);
    expect([order, result]).toEqual([['sent', 'answered'], settled]);
  },
);

test('an invocation uses the provider that is registered when it starts', async () => {
  const handler = wrapWith(async () => {}, lambdaDeps()) as (...args: object[]) => Promise<void>;
  await handler({}, lambdaContext());
  const { provider } = tracing;
  const names: string[] = [];
  const other = { getTracer: () => ({ startSpan: renamed }) } as unknown as typeof provider;
  function renamed(name: string, ...rest: [SpanOptions, Context]): Span {
    names.push(name);
    return provider.getTracer('other').startSpan(`${name} of another`, ...rest);
  }
  trace.disable();
  trace.setGlobalTracerProvider(other);
  await handler({}, lambdaContext());
  trace.disable();
  trace.setGlobalTracerProvider(provider);
  await handler({}, lambdaContext());
  expect(names).toEqual(['checkout']);
  expect(tracing.spans().map(({ name }) => name)).toEqual([
    'checkout',
    'checkout of another',
    'checkout',
  ]);
});

test('an error in the tracer does not reach the function', async () => {
  const handler = wrapWith(
    async (_event: object, _context: object) => 'answer',
    lambdaDeps({
      takeColdStart: () => {
        throw new Error('broken');
      },
    }),
  );
  expect(await handler({}, lambdaContext())).toBe('answer');
  expect(tracing.logged).toEqual([
    'warn: otel-xray: the Lambda invocation is not traced because of an internal error: Error: broken',
  ]);
});
