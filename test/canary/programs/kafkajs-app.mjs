import { trace } from '@opentelemetry/api';
import { Kafka, logLevel } from 'kafkajs';

// There is no broker for a test; a message that cannot be sent is traced by the same code.
const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING });
const producer = kafka.producer();
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  const messages = [{ key: '7', value: 'secret order' }];
  await producer.send({ topic: 'orders', messages }).catch((error) => console.log(error.name));
  span.end();
});
