import { context, createTraceState, type Span, type SpanContext, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { anomalyOf, type MeasuredSpan } from '../../src/sampler/adaptive/anomaly.ts';
import { readAdaptiveConfig } from '../../src/sampler/adaptive/conditions.ts';
import { type ObservedSpan, RequestObserver } from '../../src/sampler/adaptive/observer.ts';
import type { RequestOutcome } from '../../src/sampler/boost.ts';

function conditions(...anomalyConditions: readonly object[]) {
  return readAdaptiveConfig({ anomalyConditions }).config?.conditions;
}

function measured(parts: {
  code?: number | string;
  oldCode?: number;
  isError?: boolean;
  ms?: number;
  attributes?: Record<string, unknown>;
}): MeasuredSpan {
  const { code, oldCode, isError = false, ms = 1, attributes = {} } = parts;
  return {
    name: 'GET /carts/:id',
    startTime: [100, 999_000_000],
    endTime: [100 + Math.floor((999 + ms) / 1000), ((999 + ms) % 1000) * 1e6],
    status: { code: isError ? 2 : 0 },
    attributes: {
      ...(code !== undefined && { 'http.response.status_code': code }),
      ...(oldCode !== undefined && { 'http.status_code': oldCode }),
      ...attributes,
    },
  };
}

describe('without conditions, server errors are anomalies', () => {
  test.for([
    { name: '500', span: measured({ code: 500 }), expected: true },
    { name: '599', span: measured({ code: 599 }), expected: true },
    { name: '503 of the old conventions', span: measured({ oldCode: 503 }), expected: true },
    { name: '499', span: measured({ code: 499 }), expected: false },
    { name: '404 with ERROR', span: measured({ code: 404, isError: true }), expected: false },
    { name: 'no code, ERROR', span: measured({ isError: true }), expected: true },
    { name: 'no code', span: measured({}), expected: false },
    { name: 'a slow one', span: measured({ code: 200, ms: 60_000 }), expected: false },
  ])('$name: $expected', ({ span, expected }) => {
    expect(anomalyOf(span, undefined)).toEqual({
      boost: expected,
      capture: expected,
      isByDefault: expected,
    });
  });
});

describe('with conditions', () => {
  const HTTP = {
    'http.request.method': 'GET',
    'url.path': '/carts/7/items',
    'http.route': '/carts/:id',
  };
  test.for([
    { condition: { errorCodeRegex: '5..' }, span: measured({ code: 503 }), expected: true },
    { condition: { errorCodeRegex: '5' }, span: measured({ code: 503 }), expected: false },
    {
      condition: { errorCodeRegex: '^429|5\\d\\d$' },
      span: measured({ code: 429 }),
      expected: true,
    },
    { condition: { errorCodeRegex: '.*' }, span: measured({ isError: true }), expected: false },
    { condition: { highLatencyMs: 300 }, span: measured({ ms: 300 }), expected: true },
    { condition: { highLatencyMs: 300 }, span: measured({ ms: 299 }), expected: false },
    {
      condition: { errorCodeRegex: '200', highLatencyMs: 300 },
      span: measured({ code: 200, ms: 10 }),
      expected: false,
    },
    {
      condition: { errorCodeRegex: '200', highLatencyMs: 300 },
      span: measured({ code: 200, ms: 301 }),
      expected: true,
    },
    { condition: {}, span: measured({ code: 500, ms: 10_000 }), expected: false },
    ...['GET /carts', '/carts', 'GET /carts/:id', '/carts/:id', '/carts/7/items'].map((name) => ({
      condition: { highLatencyMs: 1, operations: [name] },
      span: measured({ ms: 2, attributes: HTTP }),
      expected: true,
    })),
    {
      condition: { highLatencyMs: 1, operations: ['POST /carts'] },
      span: measured({ ms: 2, attributes: HTTP }),
      expected: false,
    },
    {
      condition: { highLatencyMs: 1, operations: [] },
      span: measured({ ms: 2, attributes: HTTP }),
      expected: false,
    },
    {
      condition: { highLatencyMs: 1, operations: ['GET /carts'] },
      span: measured({ ms: 2, attributes: { ...HTTP, 'aws.local.operation': 'list' } }),
      expected: false,
    },
  ])('$condition, $span.attributes: $expected', ({ condition, span, expected }) => {
    expect(anomalyOf(span, conditions(condition)).boost).toBe(expected);
  });

  test('each purpose is met by one of the conditions', () => {
    const all = conditions(
      { errorCodeRegex: '5..', usage: 'sampling-boost' },
      { highLatencyMs: 100, usage: 'anomaly-trace-capture' },
    );
    const found = (parts: Parameters<typeof measured>[0]) => {
      const { boost, capture } = anomalyOf(measured(parts), all);
      return { boost, capture };
    };
    expect(found({ code: 500 })).toEqual({ boost: true, capture: false });
    expect(found({ code: 200, ms: 100 })).toEqual({ boost: false, capture: true });
    expect(found({ code: 500, ms: 100 })).toEqual({ boost: true, capture: true });
    expect(found({ code: 200 })).toEqual({ boost: false, capture: false });
  });
});

/** A provider whose spans are recorded, sampled or not, with an observer of requests. */
function desk(options: { tracesPerSecond?: number; keeps?: boolean; decision?: 1 | 2 } = {}) {
  const { tracesPerSecond = 100, keeps = true, decision = 1 } = options;
  const counted: RequestOutcome[] = [];
  const kept: string[][] = [];
  let nowMs = 1_000_000;
  const observer = new RequestObserver<ObservedSpan>({
    conditions: undefined,
    tracesPerSecond,
    count: (_spanContext, outcome) => counted.push(outcome),
    keep: keeps ? (spans) => void kept.push(spans.map(({ name }) => name)) : undefined,
    wallMs: () => nowMs,
  });
  const provider = new TracerProvider({
    spanProcessors: [observer as never],
    sampler: { shouldSample: () => ({ decision }), toString: () => 'test' },
  });
  const tracer = provider.getTracer('test');
  return {
    counted,
    kept,
    tick: (ms: number) => {
      nowMs += ms;
    },
    start: (name: string, parent?: Span) =>
      tracer.startSpan(name, {}, parent && trace.setSpan(context.active(), parent)),
    startRemote: (name: string, parent: SpanContext) =>
      tracer.startSpan(name, {}, trace.setSpanContext(context.active(), parent)),
  };
}

const REMOTE: SpanContext = {
  traceId: '5759e988bd862e3fe1be46a994272793',
  spanId: '53995c3f42cd8ad8',
  traceFlags: 0,
  isRemote: true,
  traceState: createTraceState('xrsr=1234567890abcdef'),
};

describe('an unsampled request', () => {
  test('with an anomaly is kept whole, when its first span ends', () => {
    const { start, kept, counted } = desk();
    const root = start('root');
    start('first', root).end();
    const query = start('query', root);
    query.setStatus({ code: 2 });
    query.end();
    start('last', root).end();
    expect(kept).toEqual([]);
    root.end();
    expect(kept).toEqual([['first', 'query', 'last', 'root']]);
    expect(counted).toEqual([{ isAnomaly: false, isByDefault: false }]);
  });

  test('without an anomaly is not kept', () => {
    const { start, kept } = desk();
    const root = start('root');
    start('child', root).end();
    root.end();
    expect(kept).toEqual([]);
  });

  test('is kept with spans that end after the first one', () => {
    const { start, kept } = desk();
    const root = start('root');
    const late = start('late', root);
    const later = start('later', root);
    root.end();
    late.setStatus({ code: 2 });
    late.end();
    later.end();
    expect(kept).toEqual([['late'], ['later']]);
  });

  test('is marked, so that a partial trace can be told from a whole one', () => {
    const { start } = desk();
    const root = start('root') as Span & ObservedSpan;
    expect(root.attributes).toEqual({ 'annotation.aws.trace.flag.sampled': 0 });
  });

  test('is neither marked nor kept if nothing is kept', () => {
    const { start, counted } = desk({ keeps: false });
    const root = start('root') as Span & ObservedSpan;
    expect(root.attributes).toEqual({});
    root.setStatus({ code: 2 });
    root.end();
    expect(counted).toEqual([{ isAnomaly: true, isByDefault: true }]);
  });

  test('keeps at most 500 spans, and its first one', () => {
    const { start, kept } = desk();
    const root = start('root');
    for (let index = 0; index < 600; index += 1) start(`child ${index}`, root).end();
    root.setStatus({ code: 2 });
    root.end();
    expect(kept[0]).toHaveLength(501);
    expect(kept[0]?.at(-1)).toBe('root');
  });

  test('of another service is counted by its first span in this process', () => {
    const { startRemote, kept, counted } = desk();
    const server = startRemote('server', REMOTE);
    server.setStatus({ code: 2 });
    server.end();
    expect(counted).toEqual([{ isAnomaly: true, isByDefault: true }]);
    expect(kept).toEqual([['server']]);
  });
});

test('at most anomalyTracesPerSecond requests are kept in a second', () => {
  const { start, kept, tick } = desk({ tracesPerSecond: 2 });
  const fail = (name: string) => {
    const root = start(name);
    root.setStatus({ code: 2 });
    root.end();
  };
  for (const name of ['a', 'b', 'c']) fail(name);
  tick(1_000);
  fail('d');
  expect(kept).toEqual([['a'], ['b'], ['d']]);
});

test('requests of a trace that is kept are kept too, and count once', () => {
  const { start, startRemote, kept } = desk({ tracesPerSecond: 1 });
  const caller = start('caller');
  const { traceId, spanId } = caller.spanContext();
  const called = startRemote('called', { traceId, spanId, traceFlags: 0, isRemote: true });
  called.setStatus({ code: 2 });
  called.end();
  caller.end();
  expect(kept).toEqual([['called'], ['caller']]);
});

test('a sampled request is counted and left to the exporter', () => {
  const { start, kept, counted } = desk({ decision: 2 });
  const root = start('root') as Span & ObservedSpan;
  const child = start('child', root);
  child.setStatus({ code: 2 });
  child.end();
  root.setStatus({ code: 2 });
  root.end();
  expect(counted).toEqual([{ isAnomaly: true, isByDefault: true }]);
  expect([kept, root.attributes]).toEqual([[], {}]);
});
