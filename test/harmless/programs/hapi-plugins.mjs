// Registers plugins, routes and extensions in every form that hapi takes.
import Hapi from '@hapi/hapi';

const print = (...values) => console.log(JSON.stringify(values));
const route = (path, handler) => ({ method: 'GET', path, handler });

class Owned {
  name = 'owned';
  version = '1';
  secret = 42;
  async register(server, options) {
    print(this instanceof Owned, this.secret, options);
    server.route(route('/owned', () => `secret ${this.secret}`));
  }
}
const mark = Symbol('mark');
const frozen = Object.freeze({
  name: 'frozen',
  [mark]: 1,
  register: Object.freeze(function (server, options) {
    print(this === frozen, this[mark], options);
    server.bind({ bound: 9 });
    server.route(
      route('/frozen', function () {
        return `bound ${this.bound}`;
      }),
    );
  }),
});
const computed = {
  get name() {
    return 'computed';
  },
  get register() {
    return function () {
      print(this === computed, Reflect.ownKeys(this));
    };
  },
};
const proxied = new Proxy(
  {
    name: 'proxied',
    register() {
      print(this === proxied);
    },
  },
  {},
);

const server = Hapi.server({ port: 0 });
await server.register(new Owned());
await server.register({ plugin: frozen, options: Object.freeze({ own: 1 }) });
await server.register([{ plugin: computed }, proxied], { once: true });
for (const wrong of [{ plugin: { name: 'no register' } }, frozen]) {
  await server.register(wrong).catch(({ message }) => print(message.split('\n').at(-1)));
}
print(Object.keys(server.registrations), server.registrations.owned.version);

server.bind({ bound: 'to the server' });
function extension(...args) {
  print('extension', this?.bound, args.length);
  return args[1].continue;
}
const event = { type: 'onPostHandler', method: extension, options: { bind: { bound: 'own' } } };
const methods = [extension, (_request, h) => h.continue];
server.ext('onPreHandler', extension);
server.ext('onPreHandler', extension, { bind: { bound: 'by options' } });
server.ext([Object.freeze(event), { type: 'onPreStop', method: () => print('stop') }]);
server.ext('onPreResponse', Object.freeze(methods));
print(Reflect.ownKeys(extension), event.method === extension, methods[0] === extension);
server.ext('onPreHandler', ({ path }, h) => {
  if (path === '/thrown') throw new Error('on purpose');
  return path === '/taken' ? h.response('taken').takeover() : h.continue;
});

class Route {
  method = 'GET';
  path = '/class';
  get handler() {
    return () => 'class';
  }
}
const shared = { handler: Object.freeze(() => 'shared') };
const routes = [
  Object.freeze(
    route(
      '/route',
      Object.freeze(() => 'frozen'),
    ),
  ),
  new Route(),
  { method: 'GET', path: '/options', options: shared },
  { method: 'GET', path: '/function', options: () => shared },
  route('/taken', () => 'not reached'),
  route('/thrown', () => 'not reached'),
  {
    ...route('/this', function ({ pre }) {
      return [this.bound, pre.first].join();
    }),
    options: { pre: [{ method: () => 1, assign: 'first' }] },
  },
];
for (const one of routes) {
  try {
    server.route(one);
  } catch ({ message }) {
    print(one.path, message.split('\n').at(-1));
  }
}
print(
  routes.map((one) => Reflect.ownKeys(one).map(String)),
  Object.keys(shared),
);
const again = Hapi.server();
await again.register([new Owned(), frozen]);

await server.start();
for (const path of ['owned', 'frozen', 'missing', ...routes.map((one) => one.path.slice(1))]) {
  const response = await fetch(`${server.info.uri}/${path}`);
  print(path, response.status, await response.text());
}
await server.stop();
