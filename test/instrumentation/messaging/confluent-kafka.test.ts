import { EventEmitter } from 'node:events';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { ConfluentKafkaInstrumentation } from '../../../src/instrumentation/messaging/confluent-kafka.ts';
import { startTracing } from '../../support/tracing.ts';

/**
 * The classes of the library need its native part, which npm does not contain. These have the same
 * methods, and as the library's, `send` changes what it gets. `test/matrix/kafka.matrix.ts` runs the
 * library itself where it is built.
 */
class Producer {
  readonly sent: { topic: string; messages: Record<string, unknown>[] }[] = [];
  failure: Error | undefined;

  async send(sending: { topic: string; messages: Record<string, unknown>[] }): Promise<string[]> {
    if (this.failure !== undefined) throw this.failure;
    for (const message of sending.messages) message['partition'] = -1;
    this.sent.push(sending);
    return [sending.topic];
  }

  async sendBatch({ topicMessages }: { topicMessages: Producer['sent'] }): Promise<string[]> {
    return (await Promise.all(topicMessages.map((each) => this.send(each)))).flat();
  }
}

type Handler = (payload: unknown) => Promise<unknown>;

class Consumer {
  config: { eachMessage?: Handler; eachBatch?: Handler; autoCommit?: boolean } = {};

  async run(config: Consumer['config']): Promise<void> {
    this.config = config;
  }
}

/** Of the API of librdkafka. */
class RawProducer {
  readonly produced: unknown[][] = [];

  produce(...args: unknown[]): boolean {
    if (args[2] === 'text') throw new TypeError('must be a buffer');
    this.produced.push(args);
    return true;
  }
}

class RawConsumer extends EventEmitter {}

const FOLDER = '@confluentinc/kafka-javascript/lib/kafkajs';
const instrumentation = new ConfluentKafkaInstrumentation();
applyHooks({ Producer }, `${FOLDER}/_producer.js`);
applyHooks({ Consumer }, `${FOLDER}/_consumer.js`);
applyHooks(RawProducer, '@confluentinc/kafka-javascript/lib/producer.js');
applyHooks(RawConsumer, '@confluentinc/kafka-javascript/lib/kafka-consumer.js');

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(async () => {
  instrumentation.disable();
  await tracing.close();
});

const inRequest = <T>(run: () => Promise<T>): Promise<T> =>
  trace.getTracer('app').startActiveSpan('request', async (span) => {
    try {
      return await run();
    } finally {
      span.end();
    }
  });
const idOf = (name: string): string => tracing.span(name).spanContext().spanId;

test('messages that a request sends carry its trace, and the objects of the app are not changed', async () => {
  const producer = new Producer();
  const messages = [{ value: 'a' }, { value: 'b', headers: { app: 'own', traceparent: 'own' } }];
  const result = await inRequest(() => producer.send({ topic: 'orders', messages }));
  expect(result).toEqual(['orders']);
  expect(messages).toEqual([
    { value: 'a' },
    { value: 'b', headers: { app: 'own', traceparent: 'own' } },
  ]);
  const [first, second] = producer.sent[0]?.messages ?? [];
  expect(JSON.stringify(first?.['headers'])).toContain(idOf('orders add'));
  expect(second?.['headers']).toMatchObject({ app: 'own', traceparent: 'own' });
  expect(tracing.span('orders add').attributes).toEqual({
    'messaging.system': 'kafka',
    'messaging.destination.name': 'orders',
    'service.peer.name': 'orders',
  });
});

test('a batch has a span for each topic', async () => {
  const topicMessages = ['orders', 'carts'].map((topic) => ({ topic, messages: [{ value: '1' }] }));
  await inRequest(() => new Producer().sendBatch({ topicMessages }));
  expect(tracing.spans().map(({ name }) => name)).toEqual(['orders add', 'carts add', 'request']);
});

test('outside a trace, messages are not changed', async () => {
  const producer = new Producer();
  const sending = { topic: 'orders', messages: [{ value: 'a' }] };
  await producer.send(sending);
  expect(producer.sent[0]).toBe(sending);
  expect(tracing.spans()).toEqual([]);
});

test('a failure is recorded and passed on', async () => {
  const producer = new Producer();
  producer.failure = new RangeError('queue full');
  const sending = { topic: 'orders', messages: [] };
  await expect(inRequest(() => producer.send(sending))).rejects.toBe(producer.failure);
  expect(tracing.span('orders add').status.message).toBe('queue full');
});

test('what the library rejects reaches it unchanged', async () => {
  await expect(inRequest(() => new Producer().send(null as never))).rejects.toThrow(TypeError);
  expect(tracing.spans().map(({ name }) => name)).toEqual(['request']);
});

const headersOf = async (topic: string): Promise<Record<string, Buffer>> => {
  const producer = new Producer();
  await inRequest(() => producer.send({ topic, messages: [{ value: 'a' }] }));
  const headers = producer.sent[0]?.messages[0]?.['headers'] as Record<string, string>;
  return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v)]));
};

test('handling a message is a separate trace, linked to its sender', async () => {
  const headers = await headersOf('orders');
  const consumer = new Consumer();
  const seen: unknown[] = [];
  const config = {
    autoCommit: false,
    async eachMessage(this: unknown, payload: unknown) {
      seen.push(this, payload);
      trace.getTracer('app').startSpan('work').end();
    },
  };
  await consumer.run(config);
  const payload = { topic: 'orders', partition: 0, message: { value: 'a', headers } };
  await consumer.config.eachMessage?.(payload);
  expect(seen).toEqual([config, payload]);
  expect(consumer.config.autoCommit).toBe(false);
  const handling = tracing.span('orders');
  expect(handling.parentSpanContext).toBeUndefined();
  expect(handling.links.map(({ context }) => context.spanId)).toEqual([idOf('orders add')]);
  expect(tracing.span('work').parentSpanContext?.spanId).toBe(idOf('orders'));
});

test('handling a batch is linked to each sender once, and its failure is recorded', async () => {
  const headers = await headersOf('orders');
  const consumer = new Consumer();
  const error = new RangeError('no carts');
  await consumer.run({ eachBatch: () => Promise.reject(error) });
  const messages = [{ headers }, { headers }, { headers: { app: 'none' } }, {}];
  const handling = consumer.config.eachBatch?.({ batch: { topic: 'orders', messages } });
  await expect(handling).rejects.toBe(error);
  const span = tracing.span('orders');
  expect(span.links.map(({ context }) => context.spanId)).toEqual([idOf('orders add')]);
  expect(span.attributes).toMatchObject({ 'messaging.batch.message_count': 4 });
  expect(span.status.message).toBe('no carts');
});

describe('the API of librdkafka', () => {
  const produce = (...args: unknown[]) => {
    const producer = new RawProducer();
    return inRequest(async () => [producer.produce(...args), ...producer.produced]);
  };
  const namesOf = (headers: unknown): readonly string[] =>
    (headers as object[]).flatMap((header) => Object.keys(header));

  test('what a request produces carries its trace, and the headers of the app are not changed', async () => {
    const own = [{ app: 'own' }];
    const value = Buffer.from('a');
    const [result, args] = await produce('orders', null, value, 'key', 1, undefined, own);
    expect(result).toBe(true);
    expect(own).toEqual([{ app: 'own' }]);
    expect((args as unknown[]).slice(0, 6)).toEqual(['orders', null, value, 'key', 1, undefined]);
    expect(namesOf((args as unknown[])[6])[0]).toBe('app');
    expect(JSON.stringify((args as unknown[])[6])).toContain(idOf('orders add'));
  });

  test('a message that carries a trace already has no second span', async () => {
    const headers = [{ 'X-Amzn-Trace-Id': 'Root=1' }];
    const [, args] = await produce('orders', null, null, 'key', 1, undefined, headers);
    expect((args as unknown[])[6]).toBe(headers);
    expect(tracing.spans().map(({ name }) => name)).toEqual(['request']);
  });

  test('what it throws is recorded and passed on', async () => {
    await expect(produce('orders', null, 'text')).rejects.toThrow('must be a buffer');
    expect(tracing.span('orders add').status.message).toBe('must be a buffer');
  });

  test('listeners of `data` are a trace that is linked to the sender', async () => {
    const [, args] = await produce('orders', null, null);
    const headers = (args as unknown[])[6];
    const consumer = new RawConsumer();
    consumer.emit('data', { topic: 'orders', headers });
    const seen: unknown[] = [];
    consumer.on('data', (message) => {
      seen.push(message);
      trace.getTracer('app').startSpan('work').end();
    });
    consumer.on('ready', (...values) => seen.push(values));
    const message = { topic: 'orders', headers };
    expect([consumer.emit('data', message), consumer.emit('ready', 1, 2)]).toEqual([true, true]);
    expect(seen).toEqual([message, [1, 2]]);
    const handling = tracing.span('orders');
    expect(handling.links.map(({ context }) => context.spanId)).toEqual([idOf('orders add')]);
    expect(tracing.span('work').parentSpanContext?.spanId).toBe(idOf('orders'));
    expect(tracing.spans().filter(({ name }) => name === 'orders')).toHaveLength(1);
  });
});
