import Router from '@koa/router';
import Koa from 'koa';
import compose from 'koa-compose';

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
// As `koa-mount` does.
const admin = new Koa();
const users = new Router();
users.get('/', (context) => {
  context.body = 'all';
});
users.get('/users/:id', (context) => {
  context.body = context.params.id;
});
admin.use(users.routes());
const adminRoutes = compose(admin.middleware);
app.use(async function mount(context, next) {
  if (!context.path.startsWith('/admin')) return next();
  const { path } = context;
  context.path = path.slice('/admin'.length) || '/';
  await adminRoutes(context, next);
  context.path = path;
});
const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
