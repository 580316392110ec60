import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CauseBlock, SegmentDocument } from '../../src/translator/document.ts';
import { traceText } from '../apps/trace-text.ts';
import { startAwsEndpoint } from '../support/aws-endpoint.ts';
import { hasBinary } from '../support/binaries.ts';
import { headerNow, PARENT } from '../support/lambda.ts';
import {
  hasRuntimeClient,
  type LambdaFunction,
  startFunction,
} from '../support/lambda-function.ts';
import { installedNode } from '../support/nodes.ts';
import { startRealDaemon } from '../support/real-daemon.ts';

const RUNTIME_CLIENT_3 = join(import.meta.dirname, '../support/runtime-client-3.mjs');
const OFFLINE = join(import.meta.dirname, '../support/offline-runtime.mjs');
const OLD_RUNTIME = join(import.meta.dirname, '../support/callback-runtime.cjs');
const MANAGED = { AWS_LAMBDA_MAX_CONCURRENCY: '4', AWS_LAMBDA_NODEJS_WORKER_COUNT: '2' };

/** What is looked at in a document, in the order of the spans' ends. */
function short(fn: LambdaFunction): unknown {
  const flags = ({ error, fault, in_progress }: SegmentDocument): string =>
    `${error ? ' error' : ''}${fault ? ' fault' : ''}${in_progress ? ' in progress' : ''}`;
  return fn.daemon
    .flat()
    .map((document) => {
      const below = document.parent_id === PARENT ? 'the function' : 'ours';
      return `${document.type} ${document.name} below ${below}${flags(document)}`;
    })
    .sort();
}

const HANDLER = 'subsegment checkout below the function';
const WORK = 'subsegment work below ours';

/** Type and message of the error of the invocation. */
function causeOf(fn: LambdaFunction): unknown {
  const document = fn.daemon.flat().find(({ name }) => name === 'checkout');
  const exception = (document?.cause as CauseBlock | undefined)?.exceptions[0];
  return [exception?.type, exception?.message];
}

/** How a handler can end its process. */
const ENDS = [
  {
    rule: 'a rejection that nothing handles',
    event: { do: 'reject-unheard' },
    code: 1,
    documents: [`${HANDLER} fault`, WORK],
    cause: ['RangeError', 'too far'],
  },
  {
    rule: 'an error that nothing catches',
    event: { do: 'throw-later' },
    code: 1,
    documents: [`${HANDLER} fault`, WORK],
    cause: ['RangeError', 'too far'],
  },
  {
    rule: 'process.exit()',
    event: { do: 'exit' },
    code: 3,
    documents: [`${HANDLER} in progress`, WORK],
    cause: [undefined, undefined],
  },
];

const hasClient = hasRuntimeClient();

describe.runIf(hasClient)('under the real runtime client', () => {
  test.for([
    'cjs.handler',
    'esm.handler',
    'cjs.api.v1.get',
    'esm.api.v1.get',
    'esm.byDefault',
    'bundled.handler',
    'wrapped.handler',
  ])(
    '%s, cold and warm: all is sent when the answer is, though the process is frozen then',
    async (handler) => {
      await using fn = await startFunction({ handler });
      fn.api.onAnswer = fn.freeze;
      const cold = await fn.api.invoke({ event: { do: 'cold' }, trace: headerNow(1) });
      await fn.daemon.received(2);
      expect(cold).toEqual({ kind: 'response', body: '{"done":"cold","record":0}' });
      expect(short(fn)).toEqual([HANDLER, WORK]);
      fn.thaw();
      const warm = await fn.api.invoke({ event: { do: 'warm' }, trace: headerNow(2) });
      await fn.daemon.received(4);
      expect(warm.body).toBe('{"done":"warm","record":0}');
      const [first, , second] = fn.daemon.flat();
      expect([first?.trace_id, second?.trace_id]).toEqual(
        [1, 2].map((n) => /Root=([^;]+)/.exec(headerNow(n))?.[1]),
      );
      expect(
        [first, second].map((document) => document?.metadata?.['default']?.['faas.coldstart']),
      ).toEqual([true, false]);
      expect(first?.aws?.cloudwatch_logs).toEqual([{ log_group: '/aws/lambda/checkout' }]);
      expect(fn.output()).toBe('');
    },
  );

  test.for([
    {
      rule: 'a thrown error',
      handler: 'esm.handler',
      event: { do: 'throw' },
      body: /"errorType":"RangeError","errorMessage":"too far"/,
      documents: [`${HANDLER} fault`, WORK],
      cause: ['RangeError', 'too far'],
    },
    {
      rule: 'a rejected text',
      handler: 'cjs.handler',
      event: { do: 'reject-text' },
      body: /"errorMessage":"plain"/,
      documents: [`${HANDLER} fault`, WORK],
      cause: ['string', 'plain'],
    },
    {
      rule: 'an exception before the promise',
      handler: 'cjs.throwNow',
      event: {},
      body: /"errorType":"TypeError"/,
      documents: [`${HANDLER} fault`, WORK],
      cause: ['TypeError', 'no promise yet'],
    },
  ])(
    '$rule is a fault with its cause, and Lambda gets it',
    async ({ handler, event, body, documents, cause }) => {
      await using fn = await startFunction({ handler });
      fn.api.onAnswer = fn.freeze;
      const answer = await fn.api.invoke({ event, trace: headerNow(1) });
      await fn.daemon.received(2);
      expect(answer.kind).toBe('error');
      expect(answer.body).toMatch(body);
      expect(short(fn)).toEqual(documents);
      const [document] = fn.daemon.flat();
      const exception = (document?.cause as CauseBlock | undefined)?.exceptions[0];
      expect([exception?.type, exception?.message]).toEqual(cause);
    },
  );

  test.for([
    {
      rule: 'API Gateway',
      event: {
        do: 'http',
        version: '2.0',
        rawPath: '/orders',
        routeKey: 'GET /orders',
        headers: { host: 'api.example.com' },
        requestContext: { http: { method: 'GET', path: '/orders', sourceIp: '203.0.113.9' } },
      },
      request: {
        method: 'GET',
        url: 'https://api.example.com/orders',
        client_ip: '203.0.113.9',
        x_forwarded_for: true,
      },
    },
    {
      rule: 'a load balancer',
      event: {
        do: 'http',
        httpMethod: 'POST',
        path: '/orders',
        headers: {
          host: 'lb.example.com',
          'x-forwarded-proto': 'http',
          'x-forwarded-for': '203.0.113.9',
        },
        requestContext: { elb: {} },
      },
      request: {
        method: 'POST',
        url: 'http://lb.example.com/orders',
        client_ip: '203.0.113.9',
        x_forwarded_for: true,
      },
    },
  ])('$rule: the document has the request and the response', async ({ event, request }) => {
    await using fn = await startFunction({ handler: 'esm.handler' });
    const answer = await fn.api.invoke({ event, trace: headerNow(1) });
    await fn.daemon.received(2);
    expect(answer.body).toBe('{"statusCode":503,"body":"busy"}');
    expect(fn.daemon.flat()[0]?.http).toEqual({ request, response: { status: 503 } });
    expect(short(fn)).toEqual([`${HANDLER} fault`, WORK]);
  });

  test.for([
    {
      rule: 'the route of Express, and a handler whose response never closes',
      path: '/orders/7',
      resource: undefined,
      trace: [
        'checkout  GET /orders/7 200  route /orders/:id',
        '  request handler  route /orders/:id',
      ],
    },
    {
      rule: 'a route of API Gateway for all paths gives way to that of Express',
      path: '/orders/7',
      resource: '/{proxy+}',
      trace: [
        'checkout  GET /orders/7 200  route /orders/:id',
        '  request handler  route /orders/:id',
      ],
    },
    {
      rule: 'a route of API Gateway stays',
      path: '/orders/7',
      resource: '/orders/{id}',
      trace: [
        'checkout  GET /orders/7 200  route /orders/{id}',
        '  request handler  route /orders/:id',
      ],
    },
    {
      rule: 'a handler that fails is a fault',
      path: '/fail',
      resource: undefined,
      trace: [
        'checkout  GET /fail 500  route /fail  fault',
        '  request handler  route /fail  fault  ! RangeError: sold out',
      ],
    },
  ])('Express behind an adapter: $rule', async ({ path, resource, trace }) => {
    await using fn = await startFunction({ handler: 'express.handler' });
    const event = {
      rawPath: path,
      ...(resource === undefined ? {} : { resource }),
      headers: { host: 'api.example.com' },
      requestContext: { http: { method: 'GET', path } },
    };
    await fn.api.invoke({ event, trace: headerNow(1) });
    await fn.daemon.received(2);
    expect(traceText(fn.daemon.flat()).split('\n')).toEqual(trace);
    expect(fn.output()).toBe('');
  });

  test('OTEL_XRAY_LAMBDA_ROOT=segment: the handler becomes a segment', async () => {
    const env = { OTEL_XRAY_LAMBDA_ROOT: 'segment' };
    await using fn = await startFunction({ handler: 'esm.handler', env });
    await fn.api.invoke({ event: { do: 'x' }, trace: headerNow(1) });
    await fn.daemon.received(2);
    const [handler] = fn.daemon.flat().filter(({ parent_id }) => parent_id === PARENT);
    expect(handler).toMatchObject({ name: 'checkout', origin: 'AWS::Lambda::Function' });
    expect(handler?.type).toBeUndefined();
  });

  test('an SQS batch is a child with a link for each sender', async () => {
    await using fn = await startFunction({ handler: 'cjs.handler' });
    const Records = [1, 2].map((n) => ({
      messageId: `m${n}`,
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
      attributes: { AWSTraceHeader: headerNow(n + 10) },
    }));
    const answer = await fn.api.invoke({ event: { Records }, trace: headerNow(1) });
    await fn.daemon.received(3);
    expect(answer.body).toBe('{"done":null,"record":2}');
    const batch = fn.daemon.flat().find(({ name }) => name === 'orders');
    expect(batch?.links).toEqual(
      [1, 2].map((n) => ({
        trace_id: /Root=([^;]+)/.exec(headerNow(n + 10))?.[1],
        id: PARENT,
        attributes: { 'messaging.message.id': `m${n}` },
      })),
    );
  });

  test.for(['cjs.stream', 'esm.stream', 'wrapped.stream'])('streaming, %s', async (handler) => {
    await using fn = await startFunction({ handler });
    expect(await fn.api.invoke({ event: {}, trace: headerNow(1) })).toEqual({
      kind: 'response',
      body: 'first,last',
    });
    await fn.daemon.received(2);
    expect(short(fn)).toEqual([HANDLER, WORK]);
    const broken = await fn.api.invoke({ event: { do: 'throw' }, trace: headerNow(2) });
    await fn.daemon.received(4);
    expect(broken.body).toBe('first,');
    expect(short(fn)).toEqual([HANDLER, `${HANDLER} fault`, WORK, WORK]);
  });

  test.for([
    { status: 502, documents: [`${HANDLER} fault`] },
    { status: 200, documents: [HANDLER] },
  ])('HttpResponseStream.from with status $status', async ({ status, documents }) => {
    await using fn = await startFunction({ handler: 'cjs.httpStream' });
    await fn.api.invoke({ event: { status }, trace: headerNow(1) });
    await fn.daemon.received(1);
    expect(fn.daemon.flat()[0]?.http?.response).toEqual({ status });
    expect(short(fn)).toEqual(documents);
  });

  test.for([
    { rule: 'sampled', decision: '1', documents: 2 },
    { rule: 'unsampled', decision: '0', documents: 0 },
  ])('an AWS call, $rule: its header replaces that of the AWS SDK', async (row) => {
    await using endpoint = await startAwsEndpoint();
    await using fn = await startFunction({ handler: 'aws.handler' });
    const trace = `${headerNow(1).replace('Sampled=1', `Sampled=${row.decision}`)};Lineage=1:c001d00d:2`;
    await fn.api.invoke({ event: { endpoint: endpoint.url }, trace });
    await fn.daemon.received(row.documents);
    const header = String(endpoint.requests[0]?.headers['x-amzn-trace-id']);
    const [, parent] = /;Parent=([^;]+)/.exec(header) ?? [];
    expect(header).toBe(trace.replace(PARENT, parent ?? ''));
    expect(parent).not.toBe(PARENT);
    const call = fn.daemon.flat().find(({ name }) => name === 'DynamoDB');
    expect(call?.id).toBe(row.documents === 0 ? undefined : parent);
  });

  test('pass-through: an AWS call sends the header on as received', async () => {
    await using endpoint = await startAwsEndpoint();
    await using fn = await startFunction({ handler: 'aws.handler' });
    const trace = `${headerNow(1).replace(/;.*/, '')};Lineage=1:c001d00d:2`;
    await fn.api.invoke({ event: { endpoint: endpoint.url }, trace });
    expect(endpoint.requests[0]?.headers['x-amzn-trace-id']).toBe(trace);
  });

  test('on a timeout, open spans are sent in progress before Lambda kills the process', async () => {
    await using fn = await startFunction({ handler: 'esm.handler' });
    const answer = fn.api.invoke({ event: { do: 'hang' }, trace: headerNow(1), timeoutMs: 4_000 });
    await fn.daemon.received(3);
    expect(short(fn)).toEqual([
      `${HANDLER} in progress`,
      'subsegment slow below ours in progress',
      WORK,
    ]);
    expect(fn.daemon.flat().filter(({ end_time }) => end_time === undefined)).toHaveLength(2);
    expect(await Promise.race([answer, 'none'])).toBe('none');
  });

  test.for(ENDS)('$rule: its invocation is sent', async ({ event, code, documents, cause }) => {
    await using fn = await startFunction({ handler: 'cjs.handler' });
    fn.api.invoke({ event, trace: headerNow(1) });
    expect(await fn.ended).toEqual([code, null]);
    await fn.daemon.received(2);
    expect(short(fn)).toEqual(documents);
    expect(causeOf(fn)).toEqual(cause);
  });

  test.for([
    { rule: 'not sampled', trace: headerNow(1).replace('Sampled=1', 'Sampled=0') },
    { rule: 'pass-through', trace: headerNow(1).replace(/;.*/, '') },
    { rule: 'no header', trace: undefined },
  ])('$rule: sends nothing, and traces the next invocation', async ({ trace }) => {
    await using fn = await startFunction({ handler: 'esm.handler' });
    await fn.api.invoke({ event: {}, ...(trace === undefined ? {} : { trace }) });
    await fn.api.invoke({ event: {}, trace: headerNow(2) });
    await fn.daemon.received(2);
    expect(new Set(fn.daemon.flat().map(({ trace_id }) => trace_id)).size).toBe(1);
    expect(fn.daemon.flat()).toHaveLength(2);
  });

  test('in an emulator, an invocation is a segment, and the sampler decides', async () => {
    const env = { AWS_SAM_LOCAL: 'true', OTEL_TRACES_SAMPLER: 'always_on' };
    await using fn = await startFunction({ handler: 'esm.handler', env });
    await fn.api.invoke({ event: {} });
    await fn.daemon.received(2);
    expect(traceText(fn.daemon.flat())).toBe('checkout (segment)\n  work');
    await fn.api.invoke({ event: { do: 'throw' } });
    await fn.daemon.received(4);
    const failed = fn.daemon.flat().filter(({ fault }) => fault);
    expect(failed.map(({ name, parent_id: parent }) => [name, parent])).toEqual([
      ['checkout', undefined],
    ]);
  });

  test('an emulator that imports the handler for each invocation', async () => {
    await using fn = await startFunction({
      handler: 'esm.handler',
      runtime: OFFLINE,
      cwd: join(import.meta.dirname, 'functions'),
      taskRoot: '/var/task',
      env: { IS_OFFLINE: 'true', AWS_LAMBDA_RUNTIME_API: '', OTEL_TRACES_SAMPLER: 'always_on' },
    });
    await fn.ended;
    await fn.daemon.received(4);
    const segments = fn.daemon.flat().filter(({ type }) => type !== 'subsegment');
    expect(segments.map(({ name }) => name)).toEqual(['checkout', 'checkout']);
    expect(fn.output()).toBe('');
  });

  test('concurrent invocations in worker threads are separate', async () => {
    await using fn = await startFunction({ handler: 'esm.handler', env: MANAGED });
    const numbers = [1, 2, 3, 4, 5, 6];
    const answers = await Promise.all(
      numbers.map((n) => fn.api.invoke({ event: { do: `n${n}` }, trace: headerNow(n) })),
    );
    await fn.daemon.received(12);
    expect(answers.map(({ body }) => body).sort()).toEqual(
      numbers.map((n) => `{"done":"n${n}","record":0}`),
    );
    const traces = new Map<string, number>();
    for (const { trace_id = '' } of fn.daemon.flat()) {
      traces.set(trace_id, (traces.get(trace_id) ?? 0) + 1);
    }
    expect([...traces].sort()).toEqual(
      numbers.map((n) => [/Root=([^;]+)/.exec(headerNow(n))?.[1], 2]),
    );
    expect(fn.output()).toBe('');
  });

  test('AWS calls of concurrent invocations carry the trace of their own', async () => {
    await using endpoint = await startAwsEndpoint();
    await using fn = await startFunction({ handler: 'aws.handler', env: MANAGED });
    const numbers = [1, 2, 3, 4, 5, 6];
    const event = { endpoint: endpoint.url };
    await Promise.all(numbers.map((n) => fn.api.invoke({ event, trace: headerNow(n) })));
    await fn.daemon.received(12);
    const calls = fn.daemon.flat().filter(({ name }) => name === 'DynamoDB');
    expect(
      calls.map(({ trace_id, id }) => `Root=${trace_id};Parent=${id};Sampled=1`).sort(),
    ).toEqual(endpoint.requests.map(({ headers }) => headers['x-amzn-trace-id']).sort());
    expect(new Set(calls.map(({ trace_id }) => trace_id)).size).toBe(6);
  });

  test('a handler with a callback gets the runtime’s own error', async () => {
    await using fn = await startFunction({ handler: 'cjs.callback' });
    const { kind, body } = await fn.api.initError;
    expect(kind).toBe('init-error');
    expect(body).toContain('Runtime.CallbackHandlerDeprecated');
  });

  test('a missing handler gets the runtime’s own error and one warning', async () => {
    await using fn = await startFunction({ handler: 'missing.handler' });
    expect((await fn.api.initError).kind).toBe('init-error');
    await fn.logged(/_HANDLER="missing.handler" is not traced: its file does not exist/);
  });
});

const parts = hasBinary('xray-daemon');

test.runIf(parts && hasClient)(
  'the real daemon uploads the invocation below the function',
  async () => {
    await using daemon = await startRealDaemon();
    await using fn = await startFunction({
      handler: 'esm.handler',
      env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
    });
    fn.api.onAnswer = fn.freeze;
    await fn.api.invoke({ event: {}, trace: headerNow(1) });
    await daemon.until(({ uploads }) => uploads().length > 0);
    const [document] = daemon.uploads();
    expect(document).toMatchObject({
      name: 'checkout',
      type: 'subsegment',
      parent_id: PARENT,
      trace_id: /Root=([^;]+)/.exec(headerNow(1))?.[1],
      aws: { cloudwatch_logs: [{ log_group: '/aws/lambda/checkout' }] },
      subsegments: [{ name: 'work' }],
    });
    expect(document).not.toHaveProperty('origin');
    expect(document).not.toHaveProperty('namespace');
  },
);

test('aws-lambda-ric 3.3.0: traces every invocation of a function that calls AWS', async () => {
  // The AWS SDK creates an empty invoke store here; this runtime client has none.
  await using endpoint = await startAwsEndpoint();
  await using fn = await startFunction({ handler: 'aws.handler', runtime: RUNTIME_CLIENT_3 });
  const numbers = [1, 2, 3];
  for (const n of numbers) {
    await fn.api.invoke({ event: { endpoint: endpoint.url }, trace: headerNow(n) });
  }
  await fn.daemon.received(6);
  expect(fn.daemon.flat().map(({ name, trace_id }) => [name, trace_id])).toEqual(
    numbers.flatMap((n) =>
      ['checkout', 'DynamoDB'].map((name) => [name, /Root=([^;]+)/.exec(headerNow(n))?.[1]]),
    ),
  );
});

test('aws-lambda-ric 3.3.0 ends the process after an error that nothing catches: its invocation is sent', async () => {
  await using fn = await startFunction({ handler: 'cjs.handler', runtime: RUNTIME_CLIENT_3 });
  fn.api.invoke({ event: { do: 'throw-later' }, trace: headerNow(1) });
  expect(await fn.ended).toEqual([129, null]);
  await fn.daemon.received(2);
  // The client that replaces the native one sends the error with `node:http`.
  expect(short(fn)).toEqual(expect.arrayContaining([`${HANDLER} fault`, WORK]));
  expect(causeOf(fn)).toEqual(['RangeError', 'too far']);
});

describe('under a runtime that supports callbacks', () => {
  test('requests of the runtime after context.succeed are not part of the invocation', async () => {
    await using fn = await startFunction({ handler: 'cjs.legacy', runtime: OLD_RUNTIME });
    const answers = [];
    for (const n of [1, 2]) {
      answers.push(await fn.api.invoke({ event: { do: 'it' }, trace: headerNow(n) }));
    }
    await fn.daemon.received(4);
    expect(answers.map(({ body }) => body)).toEqual([
      '{"done":"it","record":0}',
      '{"done":"it","record":0}',
    ]);
    expect(short(fn)).toEqual([HANDLER, HANDLER, WORK, WORK]);
  });

  test.for(['cjs.callback', 'cjs.syncCallback', 'cjs.handler', 'esm.handler'])(
    '%s',
    async (handler) => {
      await using fn = await startFunction({ handler, runtime: OLD_RUNTIME });
      fn.api.onAnswer = fn.freeze;
      const answer = await fn.api.invoke({ event: { do: 'it' }, trace: headerNow(1) });
      const expected = handler === 'cjs.syncCallback' ? [HANDLER] : [HANDLER, WORK];
      await fn.daemon.received(expected.length);
      expect(answer.kind).toBe('response');
      expect(short(fn)).toEqual(expected);
      fn.thaw();
      await fn.api.invoke({ event: { do: 'again' }, trace: headerNow(2) });
      await fn.daemon.received(expected.length * 2);
      expect(new Set(fn.daemon.flat().map(({ trace_id }) => trace_id)).size).toBe(2);
    },
  );

  test('an error passed to the callback is a fault', async () => {
    await using fn = await startFunction({ handler: 'cjs.callback', runtime: OLD_RUNTIME });
    const answer = await fn.api.invoke({ event: { do: 'throw' }, trace: headerNow(1) });
    await fn.daemon.received(2);
    expect(answer).toEqual({
      kind: 'error',
      body: '{"errorType":"RangeError","errorMessage":"too far"}',
    });
    expect(short(fn)).toEqual([`${HANDLER} fault`, WORK]);
  });
});

describe.for([
  { version: '20.19.6', traced: ['cjs.callback', 'cjs.handler'] },
  { version: '22.15.1', traced: ['cjs.callback', 'cjs.handler', 'esm.handler'] },
])('on Node $version', ({ version, traced }) => {
  let node: string;
  beforeAll(async () => {
    node = await installedNode(version);
  });

  test.for(traced)('%s', async (handler) => {
    await using fn = await startFunction({ handler, runtime: OLD_RUNTIME, node });
    fn.api.onAnswer = fn.freeze;
    await fn.api.invoke({ event: {}, trace: headerNow(1) });
    await fn.daemon.received(2);
    expect(short(fn)).toEqual([HANDLER, WORK]);
    expect(fn.output()).toBe('');
  });
});

test.runIf(hasClient)(
  'Node 22.15.1: a bundle that the runtime client imports is traced',
  async () => {
    const node = await installedNode('22.15.1');
    await using fn = await startFunction({ handler: 'bundled.handler', node });
    const answer = await fn.api.invoke({ event: { do: 'it' }, trace: headerNow(1) });
    expect(answer.body).toBe('{"done":"it","record":0}');
    await fn.daemon.received(2);
    expect(short(fn)).toEqual([HANDLER, WORK]);
    expect(fn.output()).toBe('');
  },
);

test('an ESM handler with the extension .js on Node 20 runs untraced with one warning', async () => {
  const node = await installedNode('20.19.6');
  await using fn = await startFunction({
    handler: 'module/index.handler',
    runtime: RUNTIME_CLIENT_3,
    node,
  });
  const answer = await fn.api.invoke({ event: {}, trace: headerNow(1) });
  expect(answer.body).toBe('"done"');
  expect(await fn.logged(/\n/)).toMatch(
    /^warn otel-xray: the ESM handler is not traced because Node 20\.19\.6 has no module hooks; .*\n$/,
  );
  expect(fn.daemon.datagrams).toHaveLength(0);
});

test('an ESM handler on Node 20 runs untraced with one warning', async () => {
  const node = await installedNode('20.19.6');
  await using fn = await startFunction({ handler: 'esm.handler', runtime: OLD_RUNTIME, node });
  const answer = await fn.api.invoke({ event: { do: 'it' }, trace: headerNow(1) });
  expect(answer.body).toBe('{"done":"it","record":0}');
  expect(await fn.logged(/\n/)).toMatch(
    /^warn otel-xray: the ESM handler is not traced because Node 20\.19\.6 has no module hooks; .*wrapHandler.*\n$/,
  );
  expect(fn.daemon.datagrams).toHaveLength(0);
});
