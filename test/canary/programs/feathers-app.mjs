import feathersExpress from '@feathersjs/express';
import { feathers } from '@feathersjs/feathers';

const { default: express, rest, errorHandler, notFound } = feathersExpress;
const app = express(feathers());
app.configure(rest());
app.use('orders', {
  async find() {
    return [{ id: 7 }];
  },
  async get(id) {
    if (id === 'broken') throw new TypeError('no basket');
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    return { id, stock: await answer.json() };
  },
});
app.use('stock', {
  async find() {
    return 3;
  },
});
app.use(notFound());
app.use(errorHandler({ logger: false }));
const server = await app.listen(0, '127.0.0.1');
if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
console.log(`port ${server.address().port}`);
