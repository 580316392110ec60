import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { xrayIdGenerator } from '../../src/propagation/ids.ts';
import { propagatorFromNames } from '../../src/propagation/names.ts';
import { traceResponseHook } from '../../src/propagation/response.ts';
import { isDeferred, isRootOnly } from '../../src/propagation/span-context-flags.ts';
import { xrayPropagator } from '../../src/propagation/xray.ts';
import { httpClient, parseSamplingEndpoint } from '../../src/sampler/client.ts';
import { withoutSampling, XRaySampler } from '../../src/sampler/index.ts';
import { rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';
import { type SamplingServer, samplingServer } from '../support/sampling-server.ts';

const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793';
const TRACE_ID = '5759e988bd862e3fe1be46a994272793';

const exporter = new InMemorySpanExporter();
const instrumentation = new HttpInstrumentation({ responseHook: traceResponseHook() });
let daemon: SamplingServer;
let sampler: XRaySampler;
let app: Server;
/** Headers of the calls that the app made to its downstream. */
const downstream: IncomingMessage['headers'][] = [];
let onRequest: () => Promise<void> = async () => {};

/** The whole of a traced app: HTTP instrumentation, SDK, propagator, sampler, a daemon. */
beforeAll(async () => {
  daemon = await samplingServer((response) => {
    const none = { URLPath: '/none/*', ReservoirSize: 0, FixedRate: 0 };
    const all = { RuleName: 'Default', Priority: 10_000, ReservoirSize: 0, FixedRate: 1 };
    response.end(JSON.stringify(rulesReply(rawRule(none), rawRule(all))));
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    propagatorFromNames(['tracecontext', 'xray'], {
      tracecontext: () => new W3CTraceContextPropagator(),
      xray: () => xrayPropagator(),
    }),
  );
  sampler = new XRaySampler({ endpoint: daemon.address });
  const asSdkSampler: Sampler = sampler;
  const provider = new BasicTracerProvider({
    sampler: asSdkSampler,
    idGenerator: xrayIdGenerator(),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  trace.setGlobalTracerProvider(provider);
  instrumentation.setTracerProvider(provider);
  const http = createRequire(import.meta.url)('http') as typeof import('node:http');
  const target = http.createServer((request, response) => {
    downstream.push(request.headers);
    response.end();
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  app = http.createServer(async (_request, response) => {
    await onRequest();
    const call = http.get({ host: '127.0.0.1', port: (target.address() as AddressInfo).port });
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    response.end('ok');
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  app.on('close', () => target.close());
  await daemon.call(0);
  while (sampler.explain({ url: '/' }).source !== 'X-Ray') await new Promise(setImmediate);
});

afterAll(async () => {
  instrumentation.disable();
  app.closeAllConnections();
  app.close();
  await sampler.shutdown();
  await daemon[Symbol.asyncDispose]();
  trace.disable();
  propagation.disable();
  context.disable();
});

afterEach(() => {
  exporter.reset();
  downstream.length = 0;
  onRequest = async () => {};
});

/** A request over a plain socket, which nobody traces; the answer's head in lower case. */
async function request(path: string, ...headers: readonly string[]): Promise<string> {
  const socket = connect((app.address() as AddressInfo).port, '127.0.0.1');
  const head = [`GET ${path} HTTP/1.1`, 'Host: shop', 'Connection: close', ...headers];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(socket, 'close');
  return text.toLowerCase();
}

/** The server span of the app under test, of those that ended. */
function serverSpan(path: string): ReadableSpan | undefined {
  return exporter
    .getFinishedSpans()
    .find(({ kind, attributes }) => kind === 1 && attributes['url.path'] === path);
}

test('a Root-only header sets the trace id, leaves the decision to the sampler and writes no parent_id', async () => {
  await request('/a', `X-Amzn-Trace-Id: ${ROOT};Lineage=1:a87bd80c:0`);
  const span = serverSpan('/a');
  expect(span?.spanContext()).toMatchObject({ traceId: TRACE_ID, traceFlags: 1 });
  expect(span?.attributes['aws.xray.sampling_rule_name']).toBe('Default');
  // The SDK hands on the very object that was marked.
  const parent = span?.parentSpanContext;
  expect(parent && [isRootOnly(parent), isDeferred(parent)]).toEqual([true, true]);
  expect(downstream[0]?.['x-amzn-trace-id']).toMatch(
    /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=1;Lineage=1:a87bd80c:0$/,
  );
});

test('Sampled=? gets the decision in the response header, whatever it is', async () => {
  const header = `X-Amzn-Trace-Id: ${ROOT};Parent=53995c3f42cd8ad8;Sampled=?`;
  const answer = (sampled: number) => `x-amzn-trace-id: ${ROOT};sampled=${sampled}`.toLowerCase();
  expect(await request('/a', header)).toContain(answer(1));
  expect(await request('/none/a', header)).toContain(answer(0));
  expect(await request('/a', header.replace('?', '1'))).not.toContain('x-amzn-trace-id');
});

test('the sampling decision of the caller is kept', async () => {
  await request('/a', `X-Amzn-Trace-Id: ${ROOT};Parent=53995c3f42cd8ad8;Sampled=0`);
  await request('/none/b', `X-Amzn-Trace-Id: ${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`);
  expect(serverSpan('/a')).toBeUndefined();
  expect(serverSpan('/none/b')?.parentSpanContext?.spanId).toBe('53995c3f42cd8ad8');
  expect(downstream.map((headers) => headers['x-amzn-trace-id']?.toString().slice(-9))).toEqual([
    'Sampled=0',
    'Sampled=1',
  ]);
});

test('withoutSampling excludes a subtree, here and in the services it calls', async () => {
  onRequest = () =>
    withoutSampling(async () => {
      const tracer = trace.getTracer('test');
      await tracer.startActiveSpan('left out', async (outer) => {
        tracer.startSpan('below').end();
        const carrier: Record<string, string> = {};
        propagation.inject(context.active(), carrier);
        expect(carrier['x-amzn-trace-id']).toMatch(/Sampled=0$/);
        outer.end();
      });
    });
  await request('/a', `X-Amzn-Trace-Id: ${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`);
  const names = exporter.getFinishedSpans().map(({ name }) => name);
  expect(names).not.toContain('left out');
  expect(names).not.toContain('below');
  expect(serverSpan('/a')?.spanContext().traceFlags).toBe(1);
});

test('the sampler’s own calls are not traced and carry no trace', async () => {
  const client = httpClient(parseSamplingEndpoint(daemon.address), Date.now);
  const before = daemon.calls.length;
  await trace.getTracer('test').startActiveSpan('work', async (span) => {
    await client.post('/SamplingTargets', '{}', 5_000);
    span.end();
  });
  client.close();
  const { headers } = await daemon.call(before);
  expect(Object.keys(headers).filter((name) => /trace/.test(name))).toEqual([]);
  const calls = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
  expect(calls).toEqual([]);
});
