import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import jwt from '@fastify/jwt';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';

const app = Fastify();
await app.register(cors);
await app.register(helmet);
await app.register(jwt, { secret: 'secret' });
await app.register(rateLimit, { max: 100 });
await app.register(swagger);
await app.register(websocket);
app.addHook('preHandler', async function checkUser(request) {
  if (request.headers['x-user'] === 'none') {
    throw Object.assign(new Error('who are you'), { statusCode: 401 });
  }
});
app.get('/orders/:id', async (request) => {
  const response = await fetch(`http://127.0.0.1:${app.server.address().port}/stock`);
  return { id: request.params.id, stock: await response.json() };
});
app.get('/stock', (_request, reply) => {
  reply.send(3);
});
app.get('/broken', async () => {
  throw new TypeError('no basket');
});
app.register(
  async (sub) => {
    sub.get('/list', async () => []);
  },
  { prefix: '/api' },
);
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`port ${app.server.address().port}`);
