import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { propagatorFromNames, xrayPropagator } from '../../src/propagation/index.ts';
import { linkConflictingParent } from '../../src/propagation/link-conflicting-parent.ts';

test('if two headers name parents in different traces, the span links to the one that lost', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [linkConflictingParent, new SimpleSpanProcessor({ exporter })],
  });
  const propagator = propagatorFromNames(['tracecontext', 'xray'], {
    tracecontext: () => new W3CTraceContextPropagator(),
    xray: () => xrayPropagator(),
  });
  const carrier = {
    traceparent: '00-581cf771a006649127e371903a2de979-1111111111111111-01',
    'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  };
  const getter = {
    keys: (from: typeof carrier) => Object.keys(from),
    get: (from: typeof carrier, key: string) => from[key as keyof typeof carrier],
  };
  const parent = propagator.extract(ROOT_CONTEXT, carrier, getter);
  const tracer = provider.getTracer('test');
  const server = tracer.startSpan('GET', { kind: 1 }, parent);
  tracer.startSpan('child', {}, trace.setSpan(parent, server)).end();
  server.end();

  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name, links }) => [name, links.map((link) => link.context.spanId)])).toEqual([
    ['child', []],
    ['GET', ['1111111111111111']],
  ]);
  expect(server.spanContext().traceId).toBe('5759e988bd862e3fe1be46a994272793');
});
