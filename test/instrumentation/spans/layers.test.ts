import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { layers } from '../../../src/instrumentation/spans/layers.ts';
import { recordFailure } from '../../../src/instrumentation/spans/record-failure.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [layers() as never] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

interface Call {
  readonly kind?: SpanKind;
  readonly attributes: Attributes;
}

/** Which of two nested spans of an instrumentation are marked, and how. */
function marks(outer: Call, inner: Call, scope = 'test'): readonly Attributes[] {
  tracing.reset();
  const tracer = trace.getTracer(scope);
  const start = ({ kind = SpanKind.CLIENT, attributes }: Call, name: string, run: () => void) =>
    tracer.startActiveSpan(name, { kind, attributes }, (span) => {
      run();
      span.end();
    });
  start(outer, 'outer', () => start(inner, 'inner', () => {}));
  return ['outer', 'inner'].map((name) =>
    Object.fromEntries(
      Object.entries(tracing.span(name).attributes).filter(([key]) => key.startsWith('aws.xray.')),
    ),
  );
}

const PG = { 'db.system.name': 'postgresql' };
const MODEL = { 'gen_ai.provider.name': 'openai' };
const HTTP = { 'http.request.method': 'POST' };
const LAYER = { 'aws.xray.layer': true };
const TRANSPORT = { 'aws.xray.transport': true };

test.each<[string, Call, Call, readonly Attributes[]]>([
  ['a query above that of its driver', { attributes: PG }, { attributes: PG }, [LAYER, {}]],
  [
    'the same system under another name',
    { attributes: { 'db.system': 'sqlserver' } },
    { attributes: { 'db.system': 'mssql' } },
    [LAYER, {}],
  ],
  [
    'knex, which names systems after their packages',
    { attributes: { 'db.system.name': 'mysql2', 'knex.version': '3' } },
    { attributes: { 'db.system': 'mysql' } },
    [LAYER, {}],
  ],
  [
    'a request of something in knex',
    { attributes: { 'db.system.name': 'mysql2', 'knex.version': '3' } },
    { attributes: { 'rpc.system': 'grpc' } },
    [{}, {}],
  ],
  ['a model above a model', { attributes: MODEL }, { attributes: MODEL }, [LAYER, {}]],
  ['the request of a model', { attributes: MODEL }, { attributes: HTTP }, [{}, TRANSPORT]],
  [
    'the request of a database',
    { attributes: { 'db.system': 'elasticsearch' } },
    { attributes: HTTP },
    [{}, TRANSPORT],
  ],
  ['two systems', { attributes: { 'db.system': 'redis' } }, { attributes: PG }, [{}, {}]],
  ['a request in a request', { attributes: HTTP }, { attributes: HTTP }, [{}, {}]],
  [
    'work in this process around a request',
    { kind: SpanKind.INTERNAL, attributes: MODEL },
    { attributes: HTTP },
    [{}, {}],
  ],
  [
    'work in this process below a call',
    { attributes: MODEL },
    { kind: SpanKind.INTERNAL, attributes: MODEL },
    [{}, {}],
  ],
])('%s', (_what, outer, inner, expected) => {
  expect(marks(outer, inner)).toEqual(expected);
});

test('a message of a call of oracledb, whose system is known at its end', () => {
  const call = { attributes: { 'db.system.name': 'oracle.db' } };
  const scope = '@opentelemetry/instrumentation-oracledb';
  expect(marks(call, { attributes: {} }, scope)).toEqual([{}, LAYER]);
  expect(marks({ attributes: {} }, { attributes: {} }, scope)).toEqual([{}, LAYER]);
  expect(marks(call, { attributes: {} })).toEqual([{}, {}]);
});

test('a call gets method and address of its request, unless it has one', () => {
  const request = {
    ...HTTP,
    'server.address': 'api.test',
    'server.port': 443,
    'url.full': 'https://api.test/v1',
  };
  marks({ attributes: MODEL }, { attributes: request });
  expect(tracing.span('outer').attributes).toEqual({
    ...MODEL,
    ...request,
  });
  tracing.reset();
  const known = { ...MODEL, 'server.address': 'gateway.test' };
  marks({ attributes: known }, { attributes: request });
  expect(tracing.span('outer').attributes).toEqual(known);
});

test('a span without a parent is not marked', () => {
  const span = trace
    .getTracer('test')
    .startSpan('alone', { kind: SpanKind.CLIENT, attributes: PG });
  span.end();
  expect(tracing.span('alone').attributes).toEqual(PG);
});

/** The status and the messages of exceptions of a layer whose calls fail with these messages. */
function failure(calls: readonly string[], error: string): unknown {
  tracing.reset();
  const tracer = trace.getTracer('test');
  const options = { kind: SpanKind.CLIENT, attributes: PG };
  tracer.startActiveSpan('layer', options, (layer) => {
    for (const message of calls) {
      const call = tracer.startSpan('call', options);
      if (message !== '') recordFailure(call, new Error(message));
      call.end();
    }
    layer.setAttribute('error.type', '23505');
    recordFailure(layer, new Error(error));
    layer.end();
  });
  const { status, events } = tracing.span('layer');
  return [status, events.map(({ attributes }) => attributes?.['exception.message'])];
}

test.each([
  ['the error of its call', ['no table'], 'no table', false],
  ['it behind the query', ['no table'], 'select * from a - no table', false],
  ['that of the latest call', ['no table', 'no row'], 'no row', false],
  ['an error of its own', ['no table'], 'not found', true],
  ['that of an earlier call', ['no table', ''], 'no table', true],
  ['an error without calls', [], 'no pool', true],
  ['an error after a call', [''], 'not valid', true],
])('a layer fails with %s', (_what, calls, message, hasCause) => {
  const code = SpanStatusCode.ERROR;
  expect(failure(calls, message)).toEqual(
    hasCause ? [{ code, message }, [message]] : [{ code }, []],
  );
});
