import Fastify from 'fastify';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

const app = Fastify();
if (!isPlain) {
  app.setErrorHandler((_error, request, reply) => reply.code(statusOf(request.url)).send(''));
}
app.addHook('onRequest', async function first() {});
const inHook = (hook, way) =>
  app.register(
    async (part) => {
      part.addHook(hook, way);
      part.get('/*', () => 'fine');
    },
    { prefix: hook },
  );
inHook('onRequest', async (request) => {
  throw thrown(request.url);
});
inHook('preHandler', (request, _reply, done) => done(thrown(request.url)));
app.get('/route-throw/*', (request) => {
  throw thrown(request.url);
});
app.get('/route-reject/*', async (request) => {
  await null;
  throw thrown(request.url);
});
app.get('/route-send/*', (request, reply) => {
  reply.send(thrown(request.url));
});
await app.listen({ port: 0, host: '127.0.0.1' });
listening(app.server);
