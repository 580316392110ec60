import { once } from 'node:events';
import { trace } from '@opentelemetry/api';
import amqp from 'amqplib';

const connection = await amqp.connect(`amqp://127.0.0.1:${process.env.PORT_rabbitmq}`);
const channel = await connection.createChannel();
await channel.assertQueue('orders');
const consumed = new Promise((resolve) => {
  channel.consume('orders', (message) => {
    trace.getTracer('app').startSpan('pack').end();
    channel.ack(message);
    resolve(message.content.toString());
  });
});
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  channel.sendToQueue('orders', Buffer.from('secret order'));
  span.end();
});
console.log((await consumed).length);
await channel.close();
await Promise.all([once(connection, 'close'), connection.close()]);
