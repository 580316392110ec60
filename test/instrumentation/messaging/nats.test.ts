import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  tracedHandler,
  tracedIteration,
} from '../../../src/instrumentation/messaging/nats-messages.ts';
import { withoutIds } from '../../../src/instrumentation/messaging/subject-template.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const tracer = trace.getTracer('app');
const message = (subject: string, more: object = {}) => ({
  ...{ subject, data: new Uint8Array() },
  ...more,
});

test.each([
  ['orders.4711.paid', 'orders.:id.paid'],
  ['orders.paid', 'orders.paid'],
  ['v1.orders', 'v1.orders'],
  ['cart.0b5a0f2c-6f4e-4a52-9d2b-1f6b5a3c7d80', 'cart.:id'],
  ['cart.01J9ZQ4K7D3M8N2P5R6S7T8V9W.add', 'cart.:id.add'],
  ['customer-events-v2.mail', 'customer-events-v2.mail'],
  ['customerNotificationsV2', 'customerNotificationsV2'],
  ['notifications-for-customers.mail', 'notifications-for-customers.mail'],
  ['', ''],
])('the template of subject %j is %j', (subject, template) => {
  expect(withoutIds(subject, '.')).toBe(template);
});

test('a handler that throws is recorded, and the error is passed on', () => {
  const error = new RangeError('no carts');
  const handler = tracedHandler(() => {
    throw error;
  }, 'billing');
  expect(() => handler(null, message('orders.7'))).toThrow(error);
  const span = tracing.span('orders.:id');
  expect(span.status.message).toBe('no carts');
  expect(span.attributes).toEqual({
    'aws.local.service': 'orders.:id',
    'messaging.system': 'nats',
    'messaging.destination.name': 'orders.7',
    'messaging.destination.template': 'orders.:id',
    'messaging.consumer.group.name': 'billing',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
  });
});

test('a handler gets errors of its subscription without a span', () => {
  const error = new Error('timeout');
  expect(tracedHandler((given) => given, undefined)(error, {})).toBe(error);
  expect(tracing.spans()).toEqual([]);
});

const senderOf = (): { readonly id: string; readonly headers: ReadonlyMap<string, string[]> } =>
  tracer.startActiveSpan('sender', (span) => {
    const carrier: Record<string, string> = {};
    propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
    span.end();
    const entries = Object.entries(carrier).map(([key, value]) => [key, [value]] as const);
    return {
      id: span.spanContext().spanId,
      headers: new Map(entries.map(([k, v]) => [k, [...v]])),
    };
  });

test.each([
  { reply: '_INBOX.abc.1', parent: true },
  { reply: '$JS.ACK.ORDERS.worker.1', parent: false },
  { reply: '', parent: false },
])('a message with the reply subject $reply has its sender as parent: $parent', (row) => {
  const { id, headers } = senderOf();
  tracedHandler(() => {}, undefined)(null, message('orders', { reply: row.reply, headers }));
  const span = tracing.spans().find(({ name }) => name.includes('orders'));
  expect({
    parent: span?.parentSpanContext?.spanId,
    links: span?.links.map(({ context: { spanId } }) => spanId),
  }).toEqual(row.parent ? { parent: id, links: [] } : { parent: undefined, links: [id] });
});

test('work that a message starts keeps its span when the next message arrives', async () => {
  async function* messages() {
    for (const subject of ['first', 'second', 'third']) {
      await Promise.resolve();
      yield message(subject);
    }
  }
  const gates: (() => void)[] = [];
  const later: Promise<void>[] = [];
  for await (const { subject } of tracedIteration(messages(), undefined) as AsyncIterable<{
    readonly subject: string;
  }>) {
    tracer.startSpan(`at ${subject}`).end();
    const gate = new Promise<void>((resolve) => gates.push(resolve));
    if (subject === 'second') {
      later.push(gate.then(() => tracer.startSpan('later').end()));
    }
  }
  tracer.startSpan('after the loop').end();
  for (const open of gates) open();
  await Promise.all(later);
  const parentOf = (name: string): string | undefined => {
    const parent = tracing.span(name).parentSpanContext?.spanId;
    return tracing.spans().find((span) => span.spanContext().spanId === parent)?.name;
  };
  const children = ['at first', 'at second', 'at third', 'later', 'after the loop'];
  expect(children.map(parentOf)).toEqual(['first', 'second', 'third', 'second', undefined]);
});

test('the span that started a loop is not part of a message after the first one', async () => {
  const arrivals: ((value: IteratorResult<unknown>) => void)[] = [];
  const source: AsyncIterator<unknown> = {
    next: () => new Promise((resolve) => arrivals.push(resolve)),
  };
  const loop = (async () => {
    for await (const _message of tracedIteration(source, undefined));
  })();
  arrivals[0]?.({ done: false, value: message('first') });
  await new Promise((resolve) => setImmediate(resolve));
  tracer.startSpan('start of the app').end();
  arrivals[1]?.({ done: true, value: undefined });
  await loop;
  expect(tracing.span('start of the app').parentSpanContext).toBeUndefined();
  expect(tracing.span('first').ended).toBe(true);
});
