import loopback from '@loopback/rest';

const app = new loopback.RestApplication({ rest: { port: 0, host: '127.0.0.1' } });
// Otherwise its log has the stack of an error.
app.bind('rest.sequence.actions.logError').to(() => {});
const id = { name: 'id', in: 'path', schema: { type: 'string' } };
const get = (path, handler, parameters = []) =>
  app.route('get', path, { parameters, responses: {} }, handler);
get('/stock', () => 3);
get(
  '/orders/{id}',
  async (order) => {
    const stock = await fetch(`${app.restServer.url}/stock`);
    return { id: order, stock: await stock.json() };
  },
  [id],
);
get('/broken', () => {
  throw new TypeError('no basket');
});
get('/teapot', () => {
  throw Object.assign(new Error('short'), { statusCode: 418 });
});
app.basePath('/shop');
await app.start();
console.log(`port ${new URL(app.restServer.url).port}`);
