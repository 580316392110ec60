/**
 * An app with one framework, the argument, whose request to `/WAY/STATUS` fails in one of the ways in which
 * the framework lets a handler fail.
 */
import { Broken, listening, thrown } from './common.mjs';

const host = '127.0.0.1';

const APPS = {
  async fastify() {
    const { default: Fastify } = await import('fastify');
    const app = Fastify();
    app.get('/throw/*', ({ url }) => {
      throw thrown(url);
    });
    app.get('/send/*', ({ url }, reply) => {
      reply.send(thrown(url));
    });
    app.get('/send-later/*', ({ url }, reply) => {
      setImmediate(() => reply.send(thrown(url)));
    });
    app.get('/return-send/*', async ({ url }, reply) => reply.send(thrown(url)));
    app.get('/return/*', ({ url }) => thrown(url));
    app.get('/return-later/*', async ({ url }) => {
      await null;
      return thrown(url);
    });
    app.get('/body/*', ({ url }, reply) => {
      reply.code(thrown(url).status).send({ failed: true });
    });
    await app.listen({ port: 0, host });
    listening(app.server);
  },

  async restify() {
    const { default: restify } = await import('restify');
    const log = Object.fromEntries(
      ['trace', 'warn', 'error', 'info', 'debug'].map((level) => [level, () => {}]),
    );
    const app = restify.createServer({ log });
    app.use((error, _request, _response, next) => next(error));
    app.get('/next/*', ({ url }, _response, next) => next(thrown(url)));
    app.get('/next-later/*', ({ url }, _response, next) => {
      setImmediate(() => next(thrown(url)));
    });
    app.get(
      '/if-error/*',
      ({ url }, _response, next) => next.ifError?.(thrown(url)) ?? next(thrown(url)),
    );
    app.get('/reject/*', async ({ url }) => {
      await null;
      throw thrown(url);
    });
    app.get('/send/*', ({ url }, response, next) => {
      response.send(thrown(url));
      next();
    });
    app.get('/send-later/*', ({ url }, response, _next) => {
      setImmediate(() => response.send(thrown(url)));
    });
    app.get(
      '/second/*',
      (_request, _response, next) => next(),
      ({ url }, _response, next) => next(thrown(url)),
    );
    app.listen(0, host, () => listening(app.server));
  },

  async koa() {
    const [{ default: Koa }, { default: Router }] = [
      await import('koa'),
      await import('@koa/router'),
    ];
    const app = new Koa();
    app.silent = true;
    const router = new Router();
    router.get('/throw/:status', ({ url }) => {
      throw thrown(url);
    });
    router.get('/context/:status', (context) =>
      context.throw(thrown(context.url).status, 'context'),
    );
    router.get('/assert/:status', (context) =>
      context.assert(false, thrown(context.url).status, 'assert'),
    );
    router.get('/emit/:status', (context) => {
      context.app.emit('error', thrown(context.url), context);
      context.status = thrown(context.url).status;
    });
    app.use(router.routes());
    const server = app.listen(0, host, () => listening(server));
  },

  async hapi() {
    const [{ default: Hapi }, { default: Boom }] = [
      await import('@hapi/hapi'),
      await import('@hapi/boom'),
    ];
    const app = Hapi.server({ port: 0, host, debug: false });
    const route = (way, handler) => app.route({ method: 'GET', path: `/${way}/{status}`, handler });
    const boom = ({ path }) => Boom.boomify(thrown(path), { statusCode: thrown(path).status });
    route('throw', (request) => {
      throw boom(request);
    });
    route('return', boom);
    route('return-later', async (request) => boom(request));
    await app.start();
    listening(app.listener);
  },

  async hono() {
    const [{ Hono }, { HTTPException }, { serve }] = [
      await import('hono'),
      await import('hono/http-exception'),
      await import('@hono/node-server'),
    ];
    const app = new Hono();
    app.get('/exception/*', ({ req }) => {
      throw new HTTPException(thrown(req.path).status, { message: 'exception' });
    });
    app.get('/cause/*', ({ req }) => {
      const cause = new Broken('below');
      throw new HTTPException(thrown(req.path).status, { message: 'cause', cause });
    });
    const server = serve({ fetch: app.fetch, port: 0, hostname: host }, () => listening(server));
  },

  async h3() {
    const { H3, HTTPError, serve } = await import('h3');
    const { tracingPlugin } = await import('h3/tracing');
    const app = new H3({ silent: true });
    tracingPlugin()(app);
    app.get('/throw/**', ({ url }) => {
      throw new HTTPError({ status: thrown(url.pathname).status, message: 'throw' });
    });
    app.get(
      '/return/**',
      ({ url }) => new HTTPError({ status: thrown(url.pathname).status, message: 'return' }),
    );
    app.get('/reject/**', async ({ url }) => {
      await null;
      throw HTTPError.status(thrown(url.pathname).status, 'Broken', { message: 'reject' });
    });
    const server = serve(app, { port: 0, hostname: host, silent: true });
    await server.ready();
    listening(server.node.server);
  },

  async express() {
    const { default: express } = await import('express');
    const app = express();
    app.get('/next/*rest', ({ url }, _response, next) => next(thrown(url)));
    app.get('/next-later/*rest', ({ url }, _response, next) => {
      setImmediate(() => next(thrown(url)));
    });
    app.get('/reject/*rest', async ({ url }) => {
      throw thrown(url);
    });
    const server = app.listen(0, host, () => listening(server));
  },
};

await APPS[process.argv[2]]();
