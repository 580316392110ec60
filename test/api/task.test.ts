import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { capture, flush, openSpan, traceTask } from '../../src/api.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** What decides where a span stands: its trace, its parent, its links and its segment name. */
function place(span: ReadableSpan): unknown {
  return {
    trace: span.spanContext().traceId,
    parent: span.parentSpanContext?.spanId,
    links: span.links.map((link) => link.context.spanId),
    segment: span.attributes['aws.local.service'],
  };
}

test('a task outside a trace is a new trace whose segment has its name', () => {
  traceTask('nightly', { kind: SpanKind.CONSUMER }, () => {});
  const span = tracing.span('nightly');
  expect(span.kind).toBe(SpanKind.CONSUMER);
  expect(place(span)).toEqual({
    trace: span.spanContext().traceId,
    parent: undefined,
    links: [],
    segment: 'nightly',
  });
});

test('a task inside a request is a subsegment of it', () => {
  traceTask('request', () => traceTask('task', () => {}));
  const request = tracing.span('request').spanContext();
  expect(place(tracing.span('task'))).toEqual({
    trace: request.traceId,
    parent: request.spanId,
    links: [],
    segment: undefined,
  });
});

test('each task is a separate trace', () => {
  traceTask('one', () => {});
  traceTask('two', () => {});
  expect(new Set(tracing.spans().map((span) => span.spanContext().traceId)).size).toBe(2);
});

test('a task of a timer that a finished request started is a new trace, linked to it', async () => {
  let later: Promise<void> | undefined;
  traceTask('request', () => {
    later = new Promise((resolve) => setImmediate(() => traceTask('task', () => resolve())));
  });
  await later;
  const request = tracing.span('request').spanContext();
  const task = tracing.span('task');
  expect(task.spanContext().traceId).not.toBe(request.traceId);
  expect(place(task)).toMatchObject({
    parent: undefined,
    links: [request.spanId],
    segment: 'task',
  });
});

test('root: true always starts a new trace', () => {
  traceTask('request', () => traceTask('task', { root: true }, () => capture('inner', () => {})));
  const request = tracing.span('request').spanContext();
  const task = tracing.span('task');
  expect(place(task)).toMatchObject({ parent: undefined, links: [request.spanId] });
  expect(tracing.span('inner').parentSpanContext?.spanId).toBe(task.spanContext().spanId);
});

test('a trace header continues the trace of the sender as a new segment', () => {
  const traceHeader = 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=1';
  traceTask('loop', () => traceTask('order', { traceHeader }, () => {}));
  expect(place(tracing.span('order'))).toEqual({
    trace: '581cf771a006649127e371903a2de979',
    parent: '70de5b6f19ff9a0a',
    links: [],
    segment: 'order',
  });
});

test('the task of an unsampled sender is not sampled', () => {
  const traceHeader = 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=0';
  traceTask('order', { traceHeader }, () => {});
  expect(tracing.spans()).toEqual([]);
});

test.for(['', 'rubbish', 'Root=1-0-0'])('the trace header "%s" is ignored', (traceHeader) => {
  traceTask('order', { traceHeader }, () => {});
  expect(place(tracing.span('order'))).toMatchObject({ parent: undefined, segment: 'order' });
});

function checkout(items: number): string {
  using work = openSpan('checkout');
  work.addAnnotation('items', items);
  if (items === 0) return 'empty';
  work.addMetadata('items', items, 'shop');
  work.setUser('u');
  return work.run(() => capture('pay', () => 'paid'));
}

test('using: an early return ends the span', () => {
  expect(traceTask('request', () => checkout(0))).toBe('empty');
  expect(tracing.spans().map(({ name }) => name)).toEqual(['checkout', 'request']);
  expect(tracing.span('checkout').attributes).toEqual({
    items: 0,
    'aws.xray.annotations': ['items'],
  });
});

test('using: spans started inside run are children of the span', () => {
  expect(traceTask('request', () => checkout(2))).toBe('paid');
  const work = tracing.span('checkout');
  expect(tracing.span('pay').parentSpanContext?.spanId).toBe(work.spanContext().spanId);
  expect(work.attributes).toMatchObject({
    'enduser.id': 'u',
    'aws.xray.metadata.shop': '{"items":2}',
  });
});

test('using: a throw ends the span, run records it', () => {
  const error = new Error('declined');
  const pay = () => {
    using work = openSpan('pay');
    work.run(() => {
      throw error;
    });
  };
  expect(() => traceTask('request', pay)).toThrow(error);
  expect(tracing.span('pay').events).toHaveLength(1);
});

test('using: a rejection inside run is recorded and passed on', async () => {
  const error = new Error('declined');
  const pay = async () => {
    using work = openSpan('pay');
    await work.run(() => Promise.reject(error));
  };
  await expect(traceTask('request', pay)).rejects.toBe(error);
  expect(tracing.span('pay').events).toHaveLength(1);
});

test('using: addError, and an explicit end before the end of the block', () => {
  traceTask('request', () => {
    using work = openSpan('work');
    work.addError(new Error('no'));
    work.end();
  });
  expect(tracing.span('work').status.message).toBe('no');
  expect(tracing.logged).toEqual([]);
});

test('using: outside a trace it starts a new trace', () => {
  openSpan('alone').end();
  expect(place(tracing.span('alone'))).toMatchObject({ parent: undefined, segment: 'alone' });
});

/** What flush answers when the provider's own `forceFlush` is this. */
async function flushWith(forceFlush: () => Promise<void>, timeoutMs: number): Promise<boolean> {
  const original = tracing.provider.forceFlush;
  tracing.provider.forceFlush = forceFlush;
  const answer = await flush({ timeoutMs });
  tracing.provider.forceFlush = original;
  return answer;
}

test.for([
  { rule: 'true when everything left', forceFlush: () => Promise.resolve(), answer: true },
  {
    rule: 'false when sending fails',
    forceFlush: () => Promise.reject(new Error('no daemon')),
    answer: false,
  },
])('flush returns $rule', async ({ forceFlush, answer }) => {
  expect(await flushWith(forceFlush, 10_000)).toBe(answer);
});

test('flush returns false when it takes too long', async () => {
  expect(await flushWith(() => new Promise(() => {}), 1)).toBe(false);
});
