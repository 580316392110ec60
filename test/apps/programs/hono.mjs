import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamText } from 'hono/streaming';

const app = new Hono();
app.use('*', async function timing(_context, next) {
  await next();
});
app.get('/orders/:id', async (context) => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  return context.json({ id: context.req.param('id') });
});
app.get('/stock', (context) => context.json(3));
app.get('/broken', () => {
  throw new TypeError('no basket');
});
app.get('/teapot', () => {
  throw new HTTPException(418, { message: 'short and stout' });
});
const shop = new Hono();
shop.onError((error, context) => context.text(`shop: ${error.message}`, 503));
shop.get('/closed', () => {
  throw new RangeError('closed');
});
app.route('/shop', shop);
const admin = new Hono();
admin.get('/users/:id', (context) => context.text(context.req.param('id')));
app.mount('/admin', admin.fetch);
app.get('/inside', () => app.request('/stock'));
app.get('/stream', (context) => {
  const onError = async (_error, stream) => stream.write('sorry');
  return streamText(
    context,
    async (stream) => {
      await stream.write('one, ');
      throw new RangeError('no more');
    },
    onError,
  );
});
app.onError((error, context) =>
  error instanceof HTTPException ? error.getResponse() : context.text(error.message, 500),
);
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`port ${port}`),
);
