import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { addAnnotation } from '../../../src/api/annotations.ts';
import { localRoots } from '../../../src/api/local-root.ts';
import {
  annotateOperation,
  isOwnIntrospection,
} from '../../../src/instrumentation/graphql/graphql-operation.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const NAME = 'graphql.operation.name';

/** Runs operations one after the other in a request. */
function runBatch(names: readonly string[]): void {
  const tracer = trace.getTracer('app');
  tracer.startActiveSpan('request', (request) => {
    for (const name of names) {
      const span = tracer.startSpan(name, { attributes: { [NAME]: name } });
      annotateOperation(span);
      span.end();
    }
    request.end();
  });
}

test('a request has the name of each operation once, in the order of the alphabet', () => {
  runBatch(['GetUser', 'GetOrders', 'GetUser']);
  expect(tracing.spans().map(({ name, attributes }) => [name, attributes[NAME]])).toEqual([
    ['GetUser', 'GetUser'],
    ['GetOrders', 'GetOrders'],
    ['GetUser', 'GetUser'],
    ['request', 'GetOrders,GetUser'],
  ]);
});

test('name and type are listed as annotations of operation and request, beside those of the app', () => {
  const tracer = trace.getTracer('app');
  tracer.startActiveSpan('request', (request) => {
    addAnnotation('tenant', 'acme', request);
    const attributes = { [NAME]: 'GetUser', 'graphql.operation.type': 'query' };
    const span = tracer.startSpan('operation', { attributes });
    addAnnotation('cached', true, span);
    annotateOperation(span);
    annotateOperation(span);
    span.end();
    request.end();
  });
  const listed = [NAME, 'graphql.operation.type'];
  expect(tracing.span('operation').attributes['aws.xray.annotations']).toEqual([
    'cached',
    ...listed,
  ]);
  expect(tracing.span('request').attributes).toEqual({
    tenant: 'acme',
    [NAME]: 'GetUser',
    'graphql.operation.type': 'query',
    'aws.xray.annotations': ['tenant', ...listed],
  });
});

test('an operation without name and type has no annotations', () => {
  const tracer = trace.getTracer('app');
  tracer.startActiveSpan('request', (request) => {
    annotateOperation(tracer.startSpan('anonymous', { attributes: { other: 'x' } }));
    request.end();
  });
  expect(tracing.span('request').attributes).toEqual({});
});

test('the names of a large batch are limited', () => {
  runBatch(Array.from({ length: 60 }, (_, index) => `Get${index}`));
  expect(String(tracing.span('request').attributes[NAME]).split(',')).toHaveLength(50);
});

test('only an introspection outside a trace is that of a library', () => {
  expect(isOwnIntrospection('IntrospectionQuery')).toBe(true);
  expect(isOwnIntrospection('GetUser')).toBe(false);
  expect(isOwnIntrospection(undefined)).toBe(false);
  trace.getTracer('app').startActiveSpan('request', (request) => {
    expect(isOwnIntrospection('IntrospectionQuery')).toBe(false);
    request.end();
  });
});
