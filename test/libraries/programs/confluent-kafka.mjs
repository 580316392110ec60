import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import { runSteps } from './steps.mjs';

/** Both APIs of Confluent's client and kafkajs, with the broker that librdkafka itself imitates. */
const require = createRequire(`${process.env.FOLDER_kafka}/`);
const { KafkaJS, KafkaConsumer, Producer } = require('@confluentinc/kafka-javascript');
const kafkajs = require('kafkajs');

const connected = (client) =>
  new Promise((resolve, reject) => {
    client.connect({ timeout: 10_000 }, (error, metadata) =>
      error ? reject(error) : resolve(metadata),
    );
  });
const closed = (client) => new Promise((resolve) => client.disconnect(resolve));
const work = (name) => trace.getTracer('app').startActiveSpan(name, (span) => span.end());
/** Texts of the headers that the app set. */
const ownHeaders = (names) =>
  names.filter((name) => !/^(?:x-amzn-trace-id|traceparent)$/i.test(name));

const mock = new Producer({ 'test.mock.num.brokers': 1, 'bootstrap.servers': 'mock' });
const { brokers: list } = await connected(mock);
const brokers = list.map(({ host, port }) => `${host}:${port}`);

const { NOTHING } = KafkaJS.logLevel;
const other = new kafkajs.Kafka({ brokers, clientId: 'app', logLevel: kafkajs.logLevel.NOTHING });
const confluent = new KafkaJS.Kafka({ kafkaJS: { brokers, logLevel: NOTHING } });

/** Runs a consumer until it has seen a number of messages. */
async function consume(kafka, options, topic, count, method, describe) {
  const consumer = kafka.consumer(options);
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], ...(kafka === other && { fromBeginning: true }) });
  const seen = [];
  await new Promise((resolve) => {
    consumer.run({
      async [method](payload) {
        await new Promise((later) => setImmediate(later));
        work(`handle ${topic}`);
        seen.push(...describe(payload));
        if (seen.length === count) resolve();
      },
    });
  });
  console.log(topic, seen.sort().join());
  await consumer.disconnect();
}
const textOf = ({ message: { value, headers } }) => [
  [value, ...ownHeaders(Object.keys(headers ?? {}))].join(' '),
];

const producer = confluent.producer();
await producer.connect();
await runSteps({
  sends: () =>
    producer
      .send({
        topic: 'orders',
        messages: [{ value: 'a' }, { value: 'b', headers: { app: 'own' } }],
      })
      .then((reports) => reports.every(({ errorCode }) => errorCode === 0)),
  'sends a batch': async () =>
    (
      await producer.sendBatch({
        topicMessages: ['orders', 'carts'].map((topic) => ({ topic, messages: [{ value: 'c' }] })),
      })
    ).length,
  'sends too much': () =>
    producer.send({ topic: 'orders', messages: [{ value: 'x'.repeat(3e6) }] }),
  'sends nothing': () => producer.send({ topic: 'orders' }),
});
const group = (groupId) => ({ kafkaJS: { groupId, fromBeginning: true } });
await consume(confluent, group('one'), 'orders', 3, 'eachMessage', textOf);
await consume(confluent, group('two'), 'carts', 1, 'eachBatch', ({ batch }) => [
  batch.messages.length,
]);
await producer.disconnect();

const raw = new Producer({ 'bootstrap.servers': brokers[0], dr_msg_cb: true });
await connected(raw);
raw.setPollInterval(20);
const produce = (...args) =>
  new Promise((resolve) => {
    raw.once('delivery-report', (error, report) => resolve(error?.message ?? report.topic));
    raw.produce('raw', null, ...args);
  });
await runSteps({
  produces: () => produce(Buffer.from('a'), 'key'),
  'produces headers': () =>
    produce(Buffer.from('b'), 'key', Date.now(), undefined, [{ app: 'own' }]),
  'produces no buffer': () => produce('text'),
});
const reader = new KafkaConsumer(
  { 'group.id': 'three', 'bootstrap.servers': brokers[0] },
  { 'auto.offset.reset': 'earliest' },
);
await connected(reader);
const data = [];
await new Promise((resolve) => {
  reader.on('data', ({ value, headers = [] }) => {
    work('handle raw');
    data.push([value, ...ownHeaders(headers.flatMap(Object.keys))].join(' '));
    if (data.length === 2) resolve();
  });
  reader.subscribe(['raw']);
  reader.consume();
});
console.log('raw', data.sort().join());
await closed(reader);
await closed(raw);

const sender = other.producer();
await sender.connect();
await runSteps({
  'sends with kafkajs': async () =>
    (await sender.send({ topic: 'js', messages: [{ value: 'a' }] })).length,
});
await consume(other, { groupId: 'four' }, 'js', 1, 'eachMessage', textOf);
await sender.disconnect();
await closed(mock);
