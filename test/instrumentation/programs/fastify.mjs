import assert from 'node:assert/strict';
import Fastify from 'fastify';

const app = Fastify();
app.addHook('onSend', async (request, reply) => {
  if (request.url === '/unsendable' && reply.statusCode === 200) throw new RangeError('unsendable');
});
app.get('/orders/:id', async ({ params }) => params);
app.get('/health', { config: { otel: false } }, () => 'ok');
app.get('/unsendable', () => 'never');
app.get('/later', (_request, reply) => {
  setImmediate(() => reply.send('later'));
  return reply;
});
let runs = 0;
app.get('/query', () => ({
  // A query builder runs its query each time it is waited for.
  // biome-ignore lint/suspicious/noThenProperty: This is what the test is about.
  then(onResult) {
    runs += 1;
    onResult({ runs });
  },
}));

for (const [method, url, body] of [
  ['HEAD', '/orders/7', ''],
  ['GET', '/health', 'ok'],
  ['GET', '/later', 'later'],
  ['GET', '/query', '{"runs":1}'],
]) {
  assert.equal((await app.inject({ method, url })).body, body);
}
assert.equal((await app.inject('/unsendable')).statusCode, 500);
assert.equal((await app.inject('/missing')).statusCode, 404);
await app.close();
