import Router from '@koa/router';
import Koa from 'koa';

const app = new Koa();
app.silent = true;
app.use(async function timing(_context, next) {
  await next();
});
const router = new Router();
router.use(async function session(_context, next) {
  await next();
});
async function check(_context, next) {
  await next();
}
router.get('order', '/orders/:id', check, async (context) => {
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
const shop = new Router({ prefix: '/shop' });
shop.use(check);
shop.get('/:name', (context) => {
  context.body = context.params.name;
});
// Passes on what it has no file for.
router.get('/shop{/*file}', (_context, next) => next());
router.use(shop.routes());
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
