import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { context, type Span, trace } from '@opentelemetry/api';
import { detectResources, type Resource } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test, vi } from 'vitest';
import { XRayExporter, type XRayExporterOptions } from '../../src/exporter/index.ts';
import { XRaySpanProcessor, type XRaySpanProcessorOptions } from '../../src/exporter/processor.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { plainDocuments } from '../support/documents.ts';
import { type FakeDaemon, startFakeDaemon } from '../support/fake-daemon.ts';

interface Setup {
  readonly exporter: XRayExporter;
  readonly processor: XRaySpanProcessor;
  readonly provider: BasicTracerProvider;
  /** Starts a child of `parent`, or a local root. */
  start(name: string, parent?: Span): Span;
  shutdown(): Promise<void>;
}

function setUp(
  daemon: FakeDaemon,
  options: Partial<XRaySpanProcessorOptions> & XRayExporterOptions = {},
): Setup {
  const exporter = new XRayExporter({
    daemon: daemon.endpoint,
    translate: plainDocuments,
    ...options,
  });
  const processor = new XRaySpanProcessor({ exporter, ...options });
  return { exporter, processor, ...withProcessor(processor) };
}

function withProcessor(processor: SpanProcessor, resource?: Resource) {
  const provider = new BasicTracerProvider({
    ...(resource && { resource }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('test');
  return {
    provider,
    start: (name: string, parent?: Span) =>
      tracer.startSpan(
        name,
        {},
        parent === undefined ? context.active() : trace.setSpan(context.active(), parent),
      ),
    shutdown: () => provider.shutdown(),
  };
}

/** Returns the tree of each datagram, e.g. `root(child(grandchild))`, sorted. */
function shapes(daemon: FakeDaemon): readonly string[] {
  const text = ({ name, subsegments = [] }: SegmentDocument): string =>
    subsegments.length === 0 ? name : `${name}(${subsegments.map(text).join(' ')})`;
  return daemon.documents().map(text).sort();
}

test('a request is one datagram, even while other requests are running', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown } = setUp(daemon, { scheduleDelayMs: 60_000 });
  const root = start('root');
  const other = start('other');
  const child = start('child', root);
  start('grandchild', child).end();
  start('other child', other).end();
  child.end();
  root.end();
  await daemon.received(3);
  expect(shapes(daemon)).toEqual(['root(child(grandchild))']);
  other.end();
  await shutdown();
  await daemon.received(5);
  expect(shapes(daemon)).toEqual(['other(other child)', 'root(child(grandchild))']);
});

test('a child that ends after its root is in the same datagram', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown } = setUp(daemon, { scheduleDelayMs: 60_000 });
  const root = start('root');
  const handler = start('handler', root);
  const response = start('response', handler);
  root.end();
  handler.end();
  response.end();
  await daemon.received(3);
  expect(shapes(daemon)).toEqual(['root(handler(response))']);
  await shutdown();
});

test('no span of a request that has been sent is kept', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  await using daemon = await startFakeDaemon();
  const { start, shutdown } = setUp(daemon, { scheduleDelayMs: 60_000 });
  const request = (): WeakRef<Span> => {
    const root = start('root');
    const child = start('child', root);
    child.end();
    root.end();
    return new WeakRef(child);
  };
  const child = request();
  await daemon.received(2);
  await vi.waitFor(() => {
    gc();
    expect(child.deref()).toBeUndefined();
  }, 60_000);
  await shutdown();
});

test('a root waits for its children at most for the delay; later children are sent separately', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown } = setUp(daemon, { scheduleDelayMs: 20 });
  const root = start('root');
  const late = start('late', root);
  root.end();
  await daemon.received(1);
  start('inside', late).end();
  late.end();
  await daemon.received(3);
  await shutdown();
  expect(shapes(daemon)).toEqual(['late(inside)', 'root']);
  expect(daemon.documents()[1]).toMatchObject({
    type: 'subsegment',
    parent_id: root.spanContext().spanId,
  });
});

/** Returns a resource with an asynchronous detector, and a function that completes the detector. */
function lookedUp(): { readonly resource: Resource; readonly found: (platform: string) => void } {
  let found: (platform: string) => void = () => {};
  const platform = new Promise<string>((resolve) => {
    found = resolve;
  });
  const attributes = { 'cloud.provider': 'aws', 'cloud.platform': platform };
  return { resource: detectResources({ detectors: [{ detect: () => ({ attributes }) }] }), found };
}

test('spans and a flush wait for pending resource attributes', async () => {
  await using daemon = await startFakeDaemon();
  const { resource, found } = lookedUp();
  const exporter = new XRayExporter({ daemon: daemon.endpoint });
  const processor = new XRaySpanProcessor({ exporter, scheduleDelayMs: 0 });
  const { start, provider } = withProcessor(processor, resource);
  const root = start('root');
  start('child', root).end();
  root.end();
  const flushed = provider.forceFlush();
  expect(exporter.counters()).toMatchObject({ spans: 0 });
  found('aws_ec2');
  await flushed;
  start('later').end();
  await daemon.received(3);
  await provider.shutdown();
  expect(shapes(daemon)).toEqual(['later', 'root(child)']);
  expect(daemon.documents().map(({ origin }) => origin)).toEqual(
    Array(2).fill('AWS::EC2::Instance'),
  );
});

test('spans do not wait for resource attributes with flushOnTaskEnd or at process exit', async () => {
  await using daemon = await startFakeDaemon();
  const { resource } = lookedUp();
  const eager = new XRayExporter({ daemon: daemon.endpoint, flushOnTaskEnd: true });
  withProcessor(new XRaySpanProcessor({ exporter: eager }), resource)
    .start('eager')
    .end();
  expect(eager.counters()).toMatchObject({ spans: 1 });
  const exporter = new XRayExporter({ daemon: daemon.endpoint });
  const processor = new XRaySpanProcessor({ exporter });
  withProcessor(processor, resource).start('last').end();
  processor.finalFlush();
  expect(exporter.counters()).toMatchObject({ sent: 1 });
  await daemon.received(2);
  expect(shapes(daemon)).toEqual(['eager', 'last']);
  await Promise.all([eager.shutdown(), exporter.shutdown()]);
});

test('spans wait at most two seconds for resource attributes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  await using daemon = await startFakeDaemon();
  const { resource } = lookedUp();
  const exporter = new XRayExporter({ daemon: daemon.endpoint });
  const { start, provider } = withProcessor(new XRaySpanProcessor({ exporter }), resource);
  start('root').end();
  const closed = provider.shutdown();
  await vi.advanceTimersByTimeAsync(1_999);
  expect(exporter.counters()).toMatchObject({ spans: 0 });
  await vi.advanceTimersByTimeAsync(1);
  await closed;
  expect(exporter.counters()).toMatchObject({ sent: 1 });
});

test('flushOnTaskEnd: a root waits for its children until the end of the current task', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown } = setUp(daemon, { scheduleDelayMs: 60_000, flushOnTaskEnd: true });
  const root = start('root');
  const handler = start('handler', root);
  const late = start('late', root);
  root.end();
  handler.end();
  await daemon.received(2);
  expect(shapes(daemon)).toEqual(['root(handler)']);
  late.end();
  await shutdown();
  await daemon.received(3);
});

test('two local roots in one trace are two requests', async () => {
  await using daemon = await startFakeDaemon();
  const { start, provider, shutdown } = setUp(daemon, { scheduleDelayMs: 60_000 });
  const root = start('root');
  const call = start('call', root);
  // The context of a server in the same process, which received it over the network.
  const remote = trace.setSpanContext(context.active(), { ...call.spanContext(), isRemote: true });
  const server = provider.getTracer('test').startSpan('server', {}, remote);
  start('work', server).end();
  server.end();
  await daemon.received(2);
  expect(shapes(daemon)).toEqual(['server(work)']);
  call.end();
  root.end();
  await shutdown();
  await daemon.received(4);
  expect(shapes(daemon)).toEqual(['root(call)', 'server(work)']);
});

test('a finished span waits for its root at most for the delay', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown } = setUp(daemon, { scheduleDelayMs: 20 });
  const root = start('root');
  start('child', root).end();
  await daemon.received(1);
  expect(shapes(daemon)).toEqual(['child']);
  root.end();
  await shutdown();
  await daemon.received(2);
});

test('spans that wait only for their root are exported when half of the queue is full', async () => {
  await using daemon = await startFakeDaemon();
  const options = { scheduleDelayMs: 60_000, maxQueueSize: 40 };
  const { start, processor, shutdown } = setUp(daemon, options);
  const root = start('root');
  for (let index = 0; index < 30; index += 1) start(`child ${index}`, root).end();
  await daemon.received(21);
  expect(processor.counters()).toMatchObject({ queued: 9, dropped: { 'queue-full': 0 } });
  root.end();
  await shutdown();
  await daemon.received(31);
});

test('a full queue drops the newest spans and counts them', async () => {
  await using daemon = await startFakeDaemon();
  const { start, processor, shutdown } = setUp(daemon, { maxQueueSize: 10 });
  for (let index = 0; index < 25; index += 1) start(`root ${index}`).end();
  expect(processor.counters()).toMatchObject({ queued: 10, dropped: { 'queue-full': 15 } });
  await shutdown();
  await daemon.received(10);
  expect(processor.counters()).toMatchObject({ spans: 10, sent: 10, queued: 0 });
});

test('a root does not wait for a child that was dropped', async () => {
  await using daemon = await startFakeDaemon();
  const options = { scheduleDelayMs: 60_000, maxQueueSize: 4 };
  const { start, processor, shutdown } = setUp(daemon, options);
  const root = start('root');
  const child = start('child', root);
  for (let index = 0; index < 4; index += 1) start('other').end();
  child.end();
  expect(processor.counters().dropped['queue-full']).toBe(1);
  await daemon.received(4);
  root.end();
  await daemon.received(5);
  expect(shapes(daemon)).toEqual(['other', 'other', 'other', 'other', 'root']);
  await shutdown();
});

test('a span that is not sampled is not sent', async () => {
  await using daemon = await startFakeDaemon();
  const { provider, start, shutdown, processor } = setUp(daemon);
  const context_ = trace.setSpanContext(context.active(), {
    traceId: '581cf771a006649127e371903a2de979',
    spanId: '1111111111111111',
    traceFlags: 0,
  });
  const span = provider.getTracer('test').startSpan('unsampled', {}, context_);
  const unsampled = { ...span.spanContext(), traceFlags: 0 };
  processor.onEnd(Object.create(span, { spanContext: { value: () => unsampled } }));
  start('sampled').end();
  await shutdown();
  await daemon.received(1);
  expect(shapes(daemon)).toEqual(['sampled']);
});

test('spans that end after shutdown are counted', async () => {
  await using daemon = await startFakeDaemon();
  const { start, processor } = setUp(daemon);
  const span = start('late');
  await processor.shutdown();
  await processor.shutdown();
  span.end();
  expect(processor.counters().dropped['shut-down']).toBe(1);
});

test('a long-running span gets one in_progress document, which is replaced when it ends', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown, processor } = setUp(daemon, {
    translate: undefined,
    inProgressAfterMs: 10,
  });
  const long = start('long');
  const child = start('child', long);
  await daemon.received(2);
  child.end();
  long.end();
  await processor.forceFlush();
  await daemon.received(4);
  await shutdown();
  const [, , finished] = daemon.documents();
  expect(
    daemon
      .documents()
      .map(({ id, in_progress, end_time }) => ({ id, in_progress, ended: end_time !== undefined })),
  ).toEqual([
    { id: long.spanContext().spanId, in_progress: true, ended: false },
    { id: child.spanContext().spanId, in_progress: true, ended: false },
    { id: long.spanContext().spanId, in_progress: undefined, ended: true },
  ]);
  expect(finished?.subsegments).toHaveLength(1);
  expect(processor.counters()).toMatchObject({ inProgress: 2, sent: 4 });
});

test('inProgressAfterMs Infinity sends in_progress documents only on demand, once per span', async () => {
  await using daemon = await startFakeDaemon();
  const { start, shutdown, processor } = setUp(daemon, {
    translate: undefined,
    inProgressAfterMs: Number.POSITIVE_INFINITY,
  });
  const root = start('root');
  processor.sendInProgress();
  processor.sendInProgress();
  await daemon.received(1);
  root.end();
  await shutdown();
  await daemon.received(2);
  expect(daemon.documents().map(({ in_progress }) => in_progress)).toEqual([true, undefined]);
});

test('a flush sends finished spans before it resolves, and keeps running ones', async () => {
  await using daemon = await startFakeDaemon();
  const { start, processor, shutdown } = setUp(daemon, { scheduleDelayMs: 60_000 });
  const root = start('root');
  start('child', root).end();
  await processor.forceFlush();
  expect(processor.counters()).toMatchObject({ sent: 1, queued: 0 });
  await daemon.received(1);
  expect(shapes(daemon)).toEqual(['child']);
  root.end();
  await shutdown();
  await daemon.received(2);
});

test('flushSync has sent everything when it returns', async () => {
  await using daemon = await startFakeDaemon();
  const { start, processor, shutdown } = setUp(daemon);
  for (let index = 0; index < 300; index += 1) start(`root ${index}`).end();
  processor.flushSync();
  expect(processor.counters()).toMatchObject({ sent: 300, queued: 0 });
  await daemon.received(300);
  await shutdown();
});

test.for([
  {
    name: 'BatchSpanProcessor',
    make: (exporter: XRayExporter) => new BatchSpanProcessor(exporter as never),
  },
  {
    name: 'SimpleSpanProcessor',
    make: (exporter: XRayExporter) => new SimpleSpanProcessor(exporter as never),
  },
])('spans of a $name are exported', async ({ make }) => {
  await using daemon = await startFakeDaemon();
  const exporter = new XRayExporter({ daemon: daemon.endpoint, translate: plainDocuments });
  const { start, provider, shutdown } = withProcessor(make(exporter));
  for (let index = 0; index < 200; index += 1) {
    const root = start('root');
    start('child', root).end();
    root.end();
  }
  await provider.forceFlush();
  await daemon.received(400);
  await shutdown();
  expect(exporter.counters()).toMatchObject({ spans: 400, sent: 400, queued: 0 });
});

test.for([
  { option: { maxQueueSize: 0 }, message: 'maxQueueSize: 0' },
  { option: { maxExportBatchSize: -1 }, message: 'maxExportBatchSize: -1' },
  { option: { bytesPerMs: Number.NaN }, message: 'bytesPerMs: NaN' },
  { option: { maxDocumentBytes: 70_000 }, message: 'maxDocumentBytes: 70000' },
  { option: { maxDocumentBytes: 10 }, message: 'maxDocumentBytes: 10' },
])('an invalid option throws: $message', ({ option, message }) => {
  expect(() => new XRayExporter(option)).toThrow(message);
});
