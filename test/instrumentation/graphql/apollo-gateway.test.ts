import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { localRoots } from '../../../src/api/local-root.ts';
import { ApolloGatewayInstrumentation } from '../../../src/instrumentation/graphql/apollo-gateway.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const OPTIONS = { spans: true, allSpans: false, tracesFetch: true };

/** Makes the spans of Apollo Gateway 2.14 for a query of one subgraph. */
function query(options: Partial<typeof OPTIONS> = {}): void {
  const tracer = new ApolloGatewayInstrumentation({ ...OPTIONS, ...options }).tracer(
    trace.getTracer('apollo/gateway-js'),
  );
  trace.getTracer('http').startActiveSpan('POST', (segment) => {
    const attributes = { operationName: 'Me', 'graphql.operation.name': 'Me' };
    tracer.startActiveSpan('gateway.request', { attributes }, (operation) => {
      tracer.startActiveSpan('gateway.validate', (step) => step.end());
      operation.setAttributes({ 'graphql.operation.type': 'query' });
      tracer.startActiveSpan('gateway.plan', (step) => step.end());
      tracer.startActiveSpan('gateway.execute', (step) => {
        const service = { attributes: { service: 'users' } };
        tracer.startActiveSpan('gateway.fetch', service, (fetch) => fetch.end());
        tracer.startActiveSpan('gateway.postprocessing', (last) => last.end());
        step.end();
      });
      operation.end();
    });
    segment.end();
  });
}

/** Ended spans, each with the name of its parent. */
function tree(): readonly string[] {
  const spans = tracing.spans();
  const nameOf = (id?: string): string =>
    spans.find((span) => span.spanContext().spanId === id)?.name ?? 'none';
  return spans.map((span) => `${span.name} in ${nameOf(span.parentSpanContext?.spanId)}`);
}

test('an operation and its calls of subgraphs are subsegments', () => {
  query();
  expect(tree()).toEqual(['fetch users in query Me', 'query Me in POST', 'POST in none']);
});

test('name and type of the operation are annotations of the segment', () => {
  query();
  expect(tracing.span('POST')?.attributes).toMatchObject({
    'graphql.operation.name': 'Me',
    'graphql.operation.type': 'query',
  });
});

test('the steps of the gateway can be shown', () => {
  query({ allSpans: true });
  expect(tree()).toEqual([
    'gateway.validate in query Me',
    'gateway.plan in query Me',
    'fetch users in gateway.execute',
    'gateway.postprocessing in gateway.execute',
    'gateway.execute in query Me',
    'query Me in POST',
    'POST in none',
  ]);
});

test('a disabled instrumentation creates no subsegments', () => {
  query({ spans: false });
  expect(tree()).toEqual(['POST in none']);
});

test('outside a request, steps are not traced', () => {
  const gateway = new ApolloGatewayInstrumentation(OPTIONS);
  gateway.tracer(trace.getTracer('apollo/gateway-js')).startSpan('gateway.plan').end();
  expect(tracing.spans()).toEqual([]);
});
