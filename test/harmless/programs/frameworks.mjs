// Runs the same small service on several frameworks, and prints its answers.
import { once } from 'node:events';
import http from 'node:http';
import hapi from '@hapi/hapi';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';

const print = (value) => console.log(JSON.stringify(value));
async function ask(name, url) {
  for (const path of ['/orders/7', '/missing', '/throw', '/reject', '/unbound']) {
    const response = await fetch(url + path);
    print([name, path, response.status, (await response.text()).slice(0, 60)]);
  }
}
const failed = () =>
  Object.assign(new Error('on purpose'), { status: 418, statusCode: 418, expose: true });
/** What a function that is not called as a method receives as `this`. */
const receiver = (self) => (self === globalThis ? 'globalThis' : typeof self);
const listen = async (handler) => {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const SERVICES = {
  async express() {
    const app = express();
    app.use(
      Object.freeze((_request, response, next) => {
        response.setHeader('x-own', '1');
        next();
      }),
    );
    app.param('id', (request, _response, next, id) => {
      request.order = id;
      next();
    });
    const router = express.Router();
    router.get('/orders/:id', (request, response) => response.json({ id: request.order }));
    router.get('/throw', () => {
      throw failed();
    });
    router.use('/unbound', function (request, _response, next) {
      request.receivers = [receiver(this)];
      next();
    });
    router.get('/unbound', function (request, response) {
      response.json([...request.receivers, receiver(this)]);
    });
    router.get('/reject', async () => {
      throw failed();
    });
    app.use('/', router);
    app.use((error, _request, response, _next) => {
      response.status(error.status).json({ message: error.message });
    });
    return listen(app);
  },
  async koa() {
    const app = new Koa();
    app.on('error', () => {});
    app.use(
      Object.freeze(async (context, next) => {
        context.set('x-own', '1');
        await next();
      }),
    );
    app.use(async function (context) {
      if (context.path === '/unbound') context.body = receiver(this);
      if (context.path === '/throw') throw failed();
      if (context.path === '/reject') await Promise.reject(failed());
      if (context.path.startsWith('/orders')) context.body = { id: '7' };
    });
    return listen(app.callback());
  },
  async fastify() {
    const app = fastify();
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('x-own', '1');
    });
    app.get(
      '/orders/:id',
      Object.freeze(async (request) => ({ id: request.params.id })),
    );
    app.get('/unbound', async function () {
      return receiver(this);
    });
    app.get('/throw', () => {
      throw failed();
    });
    app.get('/reject', async () => {
      throw failed();
    });
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  async hapi() {
    const server = hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    server.route(
      Object.freeze({
        method: 'GET',
        path: '/orders/{id}',
        handler: (request) => ({ id: request.params.id }),
      }),
    );
    server.route({
      method: 'GET',
      path: '/unbound',
      handler() {
        return receiver(this);
      },
    });
    server.route({
      method: 'GET',
      path: '/throw',
      handler: () => {
        throw failed();
      },
    });
    server.route([
      {
        method: 'GET',
        path: '/reject',
        handler: async () => {
          throw failed();
        },
      },
    ]);
    const plugin = { name: 'own', register: (scope) => scope.ext('onRequest', passOn) };
    const passOn = (_request, toolkit) => toolkit.continue;
    const { register } = plugin;
    const frozen = Object.freeze({ name: 'frozen', register() {} });
    await server.register([plugin, { plugin: frozen }]);
    const extension = { type: 'onPreHandler', method: passOn };
    server.ext([extension]);
    print(['hapi', plugin.register === register, extension.method === passOn]);
    await server.start();
    return { url: server.info.uri, close: () => server.stop() };
  },
  async hono() {
    const app = new Hono();
    app.use(async (context, next) => {
      context.header('x-own', '1');
      await next();
    });
    app.get('/orders/:id', (context) => context.json({ id: context.req.param('id') }));
    app.get('/unbound', function (context) {
      return context.text(receiver(this));
    });
    app.get('/throw', () => {
      throw failed();
    });
    app.get('/reject', async () => {
      throw failed();
    });
    app.onError((error, context) => context.json({ message: error.message }, error.status));
    return listen(async (request, response) => {
      const answer = await app.fetch(new Request(`http://h${request.url}`));
      response.writeHead(answer.status).end(await answer.text());
    });
  },
};

for (const [name, start] of Object.entries(SERVICES)) {
  const { url, close } = await start();
  await ask(name, url);
  await close();
}
