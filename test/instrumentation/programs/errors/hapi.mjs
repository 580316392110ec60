import Hapi from '@hapi/hapi';
import { isPlain, listening, statusOf, thrown } from './common.mjs';

const app = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
app.ext('onRequest', (request, h) => {
  if (request.path.startsWith('/on-request/')) throw thrown(request.path);
  return h.continue;
});
app.ext('onPreHandler', async (request, h) => {
  if (request.path.startsWith('/on-pre-handler/')) throw thrown(request.path);
  return h.continue;
});
if (!isPlain) {
  app.ext('onPreResponse', (request, h) => {
    const { response, path } = request;
    return response.isBoom ? h.response('').code(statusOf(path)) : h.continue;
  });
}
app.route({ method: 'GET', path: '/on-pre-handler/{rest*}', handler: () => 'fine' });
app.route({
  method: 'GET',
  path: '/route-throw/{rest*}',
  handler: ({ path }) => {
    throw thrown(path);
  },
});
app.route({
  method: 'GET',
  path: '/route-reject/{rest*}',
  handler: async ({ path }) => {
    await null;
    throw thrown(path);
  },
});
app.route({
  method: 'GET',
  path: '/route-return/{rest*}',
  handler: async ({ path }) => {
    const error = thrown(path);
    if (error instanceof Error) return error;
    throw error;
  },
});
await app.start();
listening(app.listener);
