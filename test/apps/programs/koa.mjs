import Router from '@koa/router';
import Koa from 'koa';

const app = new Koa();
app.silent = true;
app.use(async function timing(_context, next) {
  await next();
});
const router = new Router();
router.get('/orders/:id', async (context) => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  context.body = { id: context.params.id };
});
router.get('/stock', (context) => {
  context.body = '3';
});
router.get('/broken', () => {
  throw new TypeError('no basket');
});
router.get('/teapot', (context) => context.throw(418, 'short'));
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
