/**
 * One small app per framework, with the route `/orders/:id`, below `/shop` if the framework supports
 * nesting. Each prints `listening on <port>` and contains no tracing code.
 */
export interface FrameworkApp {
  readonly framework: string;
  /** File name of the app; its extension selects the module format. */
  readonly file: string;
  readonly text: string;
  /** The route in the notation of the framework. */
  readonly route: string;
}

/** Packages of all frameworks, in the newest versions that the instrumentations support. */
export const FRAMEWORK_PACKAGES: readonly string[] = [
  'express@5.3.0',
  'fastify@5.12.8',
  'koa@3.3.0',
  '@koa/router@15.7.0',
  '@hapi/hapi@21.4.10',
  'hono@4.13.19',
  '@hono/node-server@2.1.8',
  '@nestjs/core@11.2.10',
  '@nestjs/common@11.2.10',
  '@nestjs/platform-express@11.2.10',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
];

interface Source {
  readonly framework: string;
  readonly route: string;
  /** Local name and package of each import; braces mark a named import. */
  readonly imports: Readonly<Record<string, string>>;
  readonly body: string;
}

const SAY = "console.log('listening on ' + server.address().port)";

const SOURCES: readonly Source[] = [
  {
    framework: 'express',
    route: '/shop/orders/:id',
    imports: { express: 'express' },
    body: `
const shop = express.Router();
shop.get('/orders/:id', (request, response) => response.json({ id: request.params.id }));
const app = express();
app.use(express.json());
app.use('/shop', shop);
const server = app.listen(0, '127.0.0.1', () => ${SAY});
`,
  },
  {
    framework: 'fastify',
    route: '/shop/orders/:id',
    imports: { fastify: 'fastify' },
    body: `
const app = fastify();
app.register(async (shop) => shop.get('/orders/:id', async ({ params }) => params), { prefix: '/shop' });
const { server } = app;
app.listen({ port: 0, host: '127.0.0.1' }).then(() => ${SAY});
`,
  },
  {
    framework: 'koa',
    route: '/shop/orders/:id',
    imports: { Koa: 'koa', Router: '@koa/router' },
    body: `
const router = new (Router.default ?? Router)({ prefix: '/shop' });
router.get('/orders/:id', (context) => { context.body = { id: context.params.id }; });
// As Egg does.
class Shop extends Koa { use(middleware) { this.middleware.push(middleware); return this; } }
const app = new Shop().use((_context, next) => next()).use(router.routes());
const server = app.listen(0, '127.0.0.1', () => ${SAY});
`,
  },
  {
    framework: 'hapi',
    route: '/shop/orders/{id}',
    imports: { Hapi: '@hapi/hapi' },
    body: `
const app = Hapi.server({ port: 0, host: '127.0.0.1' });
app.route({ method: 'GET', path: '/shop/orders/{id}', handler: ({ params }) => params });
const server = app.listener;
app.start().then(() => ${SAY});
`,
  },
  {
    framework: 'hono',
    route: '/shop/orders/:id',
    imports: { '{ Hono }': 'hono', '{ serve }': '@hono/node-server' },
    body: `
const shop = new Hono();
shop.use((_context, next) => next());
shop.get('/orders/:id', (context) => context.json({ id: context.req.param('id') }));
const app = new Hono().route('/shop', shop);
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => ${SAY});
`,
  },
  {
    framework: 'nest',
    route: '/shop/orders/:id',
    imports: {
      _: 'reflect-metadata',
      '{ NestFactory }': '@nestjs/core',
      '{ Controller, Get, Module, Param }': '@nestjs/common',
    },
    body: `
class Orders {
  one(id) { return { id }; }
}
Param('id')(Orders.prototype, 'one', 0);
Get('orders/:id')(Orders.prototype, 'one', Object.getOwnPropertyDescriptor(Orders.prototype, 'one'));
Controller('shop')(Orders);
class App {}
Module({ controllers: [Orders] })(App);
NestFactory.create(App, { logger: false }).then(async (app) => {
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  ${SAY};
});
`,
  },
];

export const FRAMEWORK_APPS: readonly FrameworkApp[] = SOURCES.flatMap((source) =>
  (['cjs', 'mjs'] as const).map((form) => ({
    framework: source.framework,
    route: source.route,
    file: `${source.framework}.${form}`,
    text: `${importLines(source.imports, form)}\n${source.body}`,
  })),
);

/** Writes the imports for a module format; the name `_` imports for side effects only. */
export function importLines(
  imports: Readonly<Record<string, string>>,
  form: 'cjs' | 'mjs',
): string {
  return Object.entries(imports)
    .map(([name, from]) => {
      if (name === '_') return form === 'cjs' ? `require('${from}');` : `import '${from}';`;
      return form === 'cjs'
        ? `const ${name} = require('${from}');`
        : `import ${name} from '${from}';`;
    })
    .join('\n');
}
