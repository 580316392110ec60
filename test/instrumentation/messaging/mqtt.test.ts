import { EventEmitter } from 'node:events';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { MqttInstrumentation } from '../../../src/instrumentation/messaging/mqtt.ts';
import { startTracing } from '../../support/tracing.ts';

/** Has the methods of the library's client; the broker of the matrix tests knows version 4 only. */
class MqttClient extends EventEmitter {
  readonly options: { readonly protocolVersion: number };
  readonly sent: unknown[][] = [];

  constructor(protocolVersion: number) {
    super();
    this.options = { protocolVersion };
  }

  publish(...args: unknown[]): this {
    this.sent.push(args);
    return this;
  }
}

const instrumentation = new MqttInstrumentation();
applyHooks({ MqttClient }, 'mqtt');
const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(async () => {
  instrumentation.disable();
  await tracing.close();
});

function published(protocolVersion: number, ...args: unknown[]): unknown[] | undefined {
  const client = new MqttClient(protocolVersion);
  trace.getTracer('app').startActiveSpan('request', (span) => {
    expect(client.publish(...args)).toBe(client);
    span.end();
  });
  return client.sent[0];
}
const idOf = (name: string): string => tracing.span(name).spanContext().spanId;
const done = (): void => {};

test.each([
  [['shops/1', 'a'], 3],
  [['shops/1', 'a', done], 4],
  [['shops/1', 'a', { qos: 1 }], 3],
  [['shops/1', 'a', { qos: 1 }, done], 4],
  [['shops/1', 'a', undefined, done], 4],
] as const)('version 5: %j carries the trace as user properties', (args, length) => {
  const sent = published(5, ...args) as unknown[];
  expect(sent).toHaveLength(length);
  expect(sent.filter((arg) => typeof arg === 'function')).toHaveLength(length - 3);
  expect(JSON.stringify(sent[2])).toContain(idOf('shops/:id add'));
});

test('options and user properties of the app are not changed', () => {
  const userProperties = { app: 'own', 'x-amzn-trace-id': 'own' };
  const options = { qos: 1, properties: { messageExpiryInterval: 5, userProperties } };
  const copy = structuredClone(options);
  expect(published(5, 'shops', 'a', options)?.[2]).toEqual(copy);
  expect(options).toEqual(copy);
});

test('version 4 has no room for the trace', () => {
  expect(published(4, 'shops', 'a', done)).toEqual(['shops', 'a', done]);
  expect(tracing.span('shops add').attributes).toMatchObject({ 'messaging.system': 'mqtt' });
});

test('outside a trace, messages are not changed', () => {
  const client = new MqttClient(5);
  client.publish('shops', 'a');
  expect(client.sent).toEqual([['shops', 'a']]);
  expect(tracing.spans()).toEqual([]);
});

test('handling a message is a separate trace, linked to its sender', () => {
  const packet = published(5, 'shops/1', 'a')?.[2];
  const client = new MqttClient(5);
  client.emit('message', 'shops/1', 'a', packet);
  const seen: unknown[] = [];
  client.on('message', (...values) => {
    seen.push(values);
    trace.getTracer('app').startSpan('work').end();
  });
  expect(client.emit('message', 'shops/1', 'a', packet)).toBe(true);
  expect(client.emit('connect')).toBe(false);
  expect(seen).toEqual([['shops/1', 'a', packet]]);
  const handling = tracing.span('shops/:id');
  expect(handling.parentSpanContext).toBeUndefined();
  expect(handling.links.map(({ context }) => context.spanId)).toEqual([idOf('shops/:id add')]);
  expect(tracing.span('work').parentSpanContext?.spanId).toBe(idOf('shops/:id'));
});
