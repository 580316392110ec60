import { context, ROOT_CONTEXT, type Span, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { hasStack } from '../../../src/instrumentation/frameworks/recorded-stacks.ts';
import { SvelteKitInstrumentation } from '../../../src/instrumentation/frameworks/sveltekit.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const OPTIONS = { spans: true, allSpans: false, tracesFetch: true };
const LOAD = {
  'http.route': '/orders/[id]',
  'sveltekit.load.node_id': 'src/routes/orders/[id]/+page.server.js',
  'sveltekit.load.node_type': '+page.server',
  'sveltekit.load.environment': 'server',
};
const ERROR = { name: 'RangeError', message: 'no such page', stack: 'RangeError: no such page' };

/** A request to SvelteKit, which reads the caller of the request from the headers again. */
function request(options: Partial<typeof OPTIONS> = {}): { metadata: RPCMetadata; span: Span } {
  const tracer = new SvelteKitInstrumentation({ ...OPTIONS, ...options }).tracer(
    trace.getTracer('sveltekit'),
  );
  const caller = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
  const remote = trace.setSpanContext(ROOT_CONTEXT, caller);
  const span = trace.getTracer('http').startSpan('GET', { kind: SpanKind.SERVER }, remote);
  const metadata: RPCMetadata = { type: RPCType.HTTP, span };
  context.with(setRPCMetadata(remote, metadata), () => {
    const attributes = { 'http.route': 'unknown', 'http.url': 'http://a/' };
    tracer.startActiveSpan('sveltekit.handle.root', { attributes }, (root) => {
      tracer.startActiveSpan('sveltekit.resolve', { attributes: LOAD }, (resolve) => {
        tracer.startActiveSpan('sveltekit.load', { attributes: LOAD }, (load) => {
          load.recordException({ ...ERROR });
          load.end();
        });
        tracer.startSpan('sveltekit.form_action').end();
        resolve.recordException({ ...ERROR });
        resolve.end();
      });
      root.end();
    });
  });
  span.end();
  return { metadata, span };
}

/** Name, parent and errors of each span, in the order of their ends. */
function spans(): readonly string[] {
  const names = new Map(tracing.spans().map((span) => [span.spanContext().spanId, span.name]));
  return tracing
    .spans()
    .map(({ name, parentSpanContext, events }) =>
      [
        name,
        'below',
        names.get(parentSpanContext?.spanId ?? '') ?? '-',
        ...events.map((event) => event.attributes?.['exception.message']),
      ].join(' '),
    );
}

test('a request stays one segment with its route; code of the app is below it', () => {
  const { metadata } = request();
  expect(metadata.route).toBe('/orders/[id]');
  expect(spans()).toEqual([
    'load +page.server below GET no such page',
    'form action below GET',
    'GET below -',
  ]);
  expect(tracing.span('load +page.server').attributes).toEqual({
    'sveltekit.load.node_id': 'src/routes/orders/[id]/+page.server.js',
  });
});

test('the stack of an error is noted, because SvelteKit records a copy', () => {
  const { span } = request();
  expect(hasStack(span, ERROR.stack)).toBe(true);
  expect(hasStack(span, 'RangeError: another')).toBe(false);
});

test('all spans are kept on request, below the segment', () => {
  request({ allSpans: true });
  expect(spans()).toEqual([
    'load +page.server below resolve +page.server no such page',
    'form action below resolve +page.server',
    'resolve +page.server below handle.root no such page',
    'handle.root below GET',
    'GET below -',
  ]);
});

test('none are kept when the instrumentation is disabled; the route is', () => {
  const { metadata } = request({ spans: false });
  expect(metadata.route).toBe('/orders/[id]');
  expect(spans()).toEqual(['GET below -']);
});
