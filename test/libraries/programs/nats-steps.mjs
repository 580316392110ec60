import { trace } from '@opentelemetry/api';

/** The same program for both packages of NATS, whose connections have the same methods. */
export default async ([{ connect, headers }], runSteps) => {
  const nc = await connect({ servers: `127.0.0.1:${process.env.PORT_nats}`, noRandomize: true });
  const work = (name) => trace.getTracer('app').startActiveSpan(name, (span) => span.end());
  const handled = new Map();
  const handling = (subject) =>
    new Promise((resolve) => {
      handled.set(subject, resolve);
    });
  const finish = ({ subject, headers }, text) =>
    handled.get(subject)?.([text.length, headers?.values('app') ?? []]);

  nc.subscribe('orders.*.paid', {
    queue: 'billing',
    async callback(error, message) {
      if (error) throw error;
      work('before');
      await new Promise((resolve) => setImmediate(resolve));
      work('after');
      finish(message, message.string());
    },
  });
  nc.subscribe('prices', { callback: (_error, message) => message.respond('42') });
  nc.subscribe('silent', { callback() {} });
  nc.subscribe('broken', {
    async callback() {
      throw new RangeError('no carts');
    },
  });
  const loop = (async () => {
    const seen = [];
    for await (const message of nc.subscribe('stock.*')) {
      work(`stock ${seen.length}`);
      await new Promise((resolve) => setImmediate(resolve));
      work(`stock ${seen.length} later`);
      seen.push(message.subject);
      if (message.reply) message.respond(message.data);
      else finish(message, message.string());
      if (message.subject === 'stock.close') break;
    }
    work('after the loop');
    return seen;
  })();
  await nc.flush();

  const own = headers();
  own.append('app', 'one');
  own.append('app', 'two');
  const options = { headers: own };
  await runSteps({
    publishes: () => {
      const done = handling('orders.4711.paid');
      nc.publish('orders.4711.paid', 'secret');
      return done;
    },
    'publishes headers': async () => {
      const done = handling('orders.1.paid');
      nc.publish('orders.1.paid', 'secret', options);
      return [...(await done), own.keys()];
    },
    'publishes a message without room for headers': () =>
      nc.publish('nobody.there', new Uint8Array(2000)),
    'publishes too much': () => nc.publish('orders.3.paid', new Uint8Array(2001)),
    'publishes to a loop': async () => {
      const done = handling('stock.add');
      nc.publish('stock.add', 'secret');
      return done;
    },
    requests: async () => (await nc.request('prices')).string(),
    'requests without sharing': async () =>
      (await nc.request('prices', 'secret', { noMux: true, timeout: 5000 })).string(),
    'requests from a loop': async () => (await nc.request('stock.get', 'loop')).string(),
    'requests many': async () => {
      const replies = [];
      const all = await nc.requestMany('prices', '', { strategy: 'count', maxMessages: 1 });
      for await (const reply of all) replies.push(reply.string());
      return replies;
    },
    'requests nothing': () => nc.request('nobody.there'),
    'requests in vain': () => nc.request('silent', '', { timeout: 50 }),
    'does not await its request': () => void nc.request('nobody.there'),
    iterates: async () => {
      const sub = nc.subscribe('inside', { max: 1 });
      nc.publish('inside', 'message');
      for await (const message of sub) work(`inside ${message.string()}`);
    },
  });
  await new Promise((resolve) => {
    process.once('unhandledRejection', (error) => resolve(console.log('unhandled', error.message)));
    nc.publish('broken');
  });
  nc.publish('stock.close');
  console.log(await loop);
  await nc.drain();
  try {
    nc.publish('orders.5.paid');
  } catch (error) {
    console.log(error.name, error.message);
  }
  console.log(await nc.request('prices').catch(({ message }) => message));
};
