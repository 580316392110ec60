import Router from '@koa/router';
import Koa from 'koa';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

/** @param path status with an optional form, in the syntax of the router */
export function startKoa(path) {
  const app = new Koa();
  app.on('error', () => {});
  if (!isPlain) {
    app.use(async (context, next) => {
      try {
        await next();
      } catch {
        context.status = statusOf(context.url);
      }
    });
  }
  app.use(function first(_context, next) {
    return next();
  });
  const router = new Router();
  router.get(`/route-throw/${path}`, (context) => {
    throw thrown(context.url);
  });
  router.get(`/route-reject/${path}`, async (context) => {
    await null;
    throw thrown(context.url);
  });
  router.get(`/route-emit/${path}`, (context) => {
    context.status = statusOf(context.url);
    context.app.emit('error', thrown(context.url), context);
  });
  const nested = new Router();
  nested.get(`/nested/${path}`, (context) => {
    throw thrown(context.url);
  });
  router.use(nested.routes());
  app.use(router.routes());
  app.use((context, next) => {
    if (!context.url.startsWith('/use-throw/')) return next();
    throw thrown(context.url);
  });
  app.use(async (context, next) => {
    if (!context.url.startsWith('/use-reject/')) return next();
    await null;
    throw thrown(context.url);
  });
  const server = app.listen(0, '127.0.0.1', () => listening(server));
}
