import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

const pathOf = (context) => context.req.path;
const app = new Hono();
app.use(async function first(_context, next) {
  await next();
});
app.use('/use-throw/*', (context) => {
  throw thrown(pathOf(context));
});
app.use('/use-reject/*', async (context) => {
  await null;
  throw thrown(pathOf(context));
});
app.get('/route-throw/*', (context) => {
  throw thrown(pathOf(context));
});
app.get('/route-reject/*', async (context) => {
  await null;
  throw thrown(pathOf(context));
});
if (!isPlain) app.onError((_error, context) => context.body('', statusOf(pathOf(context))));
else app.onError((_error, context) => context.body('', 500));
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => listening(server));
