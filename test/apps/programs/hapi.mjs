import Hapi from '@hapi/hapi';

const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
server.ext('onPreHandler', function check(_request, h) {
  return h.continue;
});
server.ext('onPreResponse', (_request, h) => h.continue);
server.route({
  method: 'GET',
  path: '/orders/{id}',
  handler: async (request) => {
    await fetch(`http://127.0.0.1:${server.info.port}/stock`);
    return { id: request.params.id };
  },
});
server.route({ method: 'GET', path: '/stock', handler: () => 3 });
server.route({
  method: 'GET',
  path: '/broken',
  handler: () => {
    throw new TypeError('no basket');
  },
});
// As `@hapi/inert` and `@hapi/vision` do.
server.decorate('handler', 'say', (_route, text) => () => text);
server.route({ method: 'GET', path: '/files/{name*}', handler: { say: 'a file' } });
server.auth.scheme('token', () => ({
  authenticate: (_request, h) => h.response().code(401).takeover(),
}));
server.auth.strategy('members', 'token');
server.route({ method: 'GET', path: '/members', options: { auth: 'members' }, handler: () => 1 });
server.route({
  method: 'GET',
  path: '/inside',
  handler: async () => (await server.inject('/stock')).payload,
});
await server.start();
console.log(`port ${server.info.port}`);
