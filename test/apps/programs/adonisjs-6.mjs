import { createServer } from 'node:http';
import { AppFactory } from '@adonisjs/application/factories';
import { EncryptionFactory } from '@adonisjs/encryption/factories';
import { ExceptionHandler } from '@adonisjs/http-server';
import { ServerFactory } from '@adonisjs/http-server/factories';

const app = new AppFactory().create(new URL('./', import.meta.url), () => {});
await app.init();
const encryption = new EncryptionFactory().create();
const shop = new ServerFactory().merge({ app, encryption }).create();

class Orders {
  async show({ params }) {
    const stock = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    return { id: params.id, stock: await stock.text() };
  }
}
const router = shop.getRouter();
router.group(() => router.get('/:id', [Orders, 'show'])).prefix('/orders');
router.get('/stock', () => '3');
router.get('/broken', () => {
  throw new TypeError('no basket');
});
router
  .get('/private', () => 'secret')
  .use(async function guard() {
    throw Object.assign(new Error('not signed in'), { status: 401 });
  });
shop.errorHandler(async () => ({
  default: class extends ExceptionHandler {
    debug = false;
  },
}));
await shop.boot();
const server = createServer(shop.handle.bind(shop)).listen(0, '127.0.0.1', () =>
  console.log(`port ${server.address().port}`),
);
