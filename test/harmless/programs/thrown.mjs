// Handlers and hooks of several frameworks throw whatever can be thrown; prints what clients see.
import { once } from 'node:events';
import http from 'node:http';
import hapi from '@hapi/hapi';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const refuse = () => {
  throw new Error('by a getter');
};
const THROWN = {
  null: null,
  undefined: undefined,
  zero: 0,
  empty: '',
  symbol: Symbol('thrown'),
  'no-prototype': Object.create(null),
  frozen: Object.freeze(new Error('frozen')),
  function() {},
  revoked: revoked.proxy,
  getters: Object.defineProperties({}, { message: { get: refuse }, stack: { get: refuse } }),
};
const KEYS = Object.keys(THROWN);
/** hapi itself fails with the others. */
const READABLE = KEYS.filter((key) => !['frozen', 'revoked', 'getters'].includes(key));
const fail = (key) => {
  throw THROWN[key];
};

async function ask(name, port, path) {
  const [response] = await once(
    http.get({ host: '127.0.0.1', port, path, agent: false }),
    'response',
  );
  let body = '';
  for await (const chunk of response) body += chunk;
  console.log(name, path, response.statusCode, body.replaceAll(/\s+/g, ' ').slice(0, 100));
}

const SERVICES = {
  async fastify() {
    const app = fastify();
    for (const key of KEYS) {
      app.get(`/rejects/${key}`, async () => fail(key));
      app.get(`/throws/${key}`, () => fail(key));
      app.register(async (scope) => {
        scope.addHook('preHandler', async () => fail(key));
        scope.get(`/hook/${key}`, async () => 1);
      });
    }
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { server: app.server, paths: ['rejects', 'throws', 'hook'] };
  },
  async express() {
    const app = express();
    for (const key of KEYS) {
      app.get(`/rejects/${key}`, async () => fail(key));
      app.get(`/throws/${key}`, () => fail(key));
      app.get(`/next/${key}`, (_request, _response, next) => next(THROWN[key]));
      app.use(`/hook/${key}`, () => fail(key));
    }
    app.use((error, _request, response, _next) => response.status(500).end(typeof error));
    app.use((_request, response) => response.end('nothing'));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, paths: ['rejects', 'throws', 'next', 'hook'] };
  },
  async koa() {
    const app = new Koa();
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        ctx.body = typeof error;
      }
    });
    app.use((ctx) => fail(ctx.path.slice('/throws/'.length)));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, paths: ['throws'] };
  },
  async hapi() {
    const server = hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    for (const key of READABLE) {
      server.route({ method: 'GET', path: `/throws/${key}`, handler: () => fail(key) });
      const options = { pre: [() => fail(key)] };
      server.route({ method: 'GET', path: `/hook/${key}`, options, handler: () => 1 });
    }
    await server.start();
    return { server: server.listener, paths: ['throws', 'hook'], keys: READABLE };
  },
};

for (const [name, start] of Object.entries(SERVICES)) {
  const { server, paths, keys = KEYS } = await start();
  for (const path of paths) {
    for (const key of keys) await ask(name, server.address().port, `/${path}/${key}`);
  }
  server.close();
  server.closeAllConnections();
}
