import { Ignitor } from '@adonisjs/core';
import { defineConfig as defineBodyParser } from '@adonisjs/core/bodyparser';
import { defineConfig as defineEncryption, drivers } from '@adonisjs/core/encryption';
import { defineConfig as defineHash } from '@adonisjs/core/hash';
import { defineConfig as defineHttp } from '@adonisjs/core/http';
import { defineConfig as defineLogger } from '@adonisjs/core/logger';

process.env.HOST = '127.0.0.1';
process.env.PORT = '0';
const aes = drivers.aes256gcm({ id: 'shop', keys: ['a'.repeat(32)] });
const config = {
  app: { http: defineHttp({}) },
  bodyparser: defineBodyParser({}),
  encryption: defineEncryption({ default: 'aes', list: { aes } }),
  hash: defineHash({ list: {} }),
  logger: defineLogger({ default: 'app', loggers: { app: { enabled: false } } }),
};

let node;
async function routes() {
  const { default: router } = await import('@adonisjs/core/services/router');
  router.get('/stock', () => '3');
  router.get('/broken', () => {
    throw new TypeError('no basket');
  });
  router
    .get('/private', () => 'secret')
    .use(async function guard() {
      throw Object.assign(new Error('not signed in'), { status: 401 });
    });
  const shop = router.group(() => {
    router.get('/orders/:id', async ({ params }) => {
      const stock = await fetch(`http://127.0.0.1:${node.address().port}/stock`);
      return { id: params.id, stock: await stock.text() };
    });
  });
  shop.prefix('/shop').use(async (_context, next) => next());
}

await new Ignitor(new URL('./', import.meta.url))
  .tap((app) => {
    app.useConfig(config);
    app.rcContents({
      typescript: false,
      providers: [() => import('@adonisjs/core/providers/app_provider')],
      preloads: [routes],
    });
  })
  .httpServer()
  .start();
const { default: server } = await import('@adonisjs/core/services/server');
node = server.getNodeServer();
console.log(`port ${node.address().port}`);
