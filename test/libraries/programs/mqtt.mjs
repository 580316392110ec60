import { createServer } from 'node:net';
import { trace } from '@opentelemetry/api';

export const packages = ['mqtt', 'aedes'];

export default async ([{ connectAsync }, { Aedes }], runSteps) => {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await connectAsync(`mqtt://127.0.0.1:${server.address().port}`, {
    protocolVersion: 4,
  });
  await client.subscribeAsync('shops/#');
  const handled = () =>
    new Promise((resolve) => {
      client.once('message', (topic, message) => {
        trace.getTracer('app').startSpan('work').end();
        resolve([topic, message.length]);
      });
    });
  await runSteps({
    publishes: async () => {
      const done = handled();
      await client.publishAsync('shops/4711/orders', 'secret');
      return done;
    },
    'publishes with a callback': async () => {
      const done = handled();
      await new Promise((resolve) => client.publish('shops/all', 'secret', { qos: 1 }, resolve));
      return done;
    },
    'publishes nowhere': () => client.publishAsync('shops/#', 'secret'),
  });
  await client.endAsync();
  await new Promise((resolve) => broker.close(resolve));
  server.close();
};
