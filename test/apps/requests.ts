import type { AppRequest } from './server-run.ts';

const WEB: readonly AppRequest[] = [
  { path: '/orders/7' },
  { path: '/broken' },
  { path: '/missing' },
];
/** Of an app with a mounted router and middleware that refuses a request. */
const MOUNTED: readonly AppRequest[] = [...WEB, { path: '/shop/open' }, { path: '/private' }];
const QUERIES: readonly AppRequest[] = [
  'query GetUser { user(id: 7) { id name orders { id total } } }',
  '{ broken }',
  'mutation Rename { rename(id: 1, name: "Bob") { name } }',
  'query { nonsense }',
  'query Secret { secret }',
].map((query) => ({ path: '/graphql', json: { query } }));
const BATCH = ['query Stock { stock }', 'mutation Rename { rename(id: 1, name: "Bob") { name } }'];
const GRAPHQL: readonly AppRequest[] = [
  ...QUERIES,
  { path: '/graphql', json: BATCH.map((query) => ({ query })) },
];

/** Each request enqueues a job and answers with its result. */
const JOBS: readonly AppRequest[] = [{ path: '/welcome' }, { path: '/broken' }];

/** Messages and events of Nest. */
const MESSAGES: readonly AppRequest[] = [
  '/ask/price',
  '/ask/object',
  '/ask/list',
  '/ask/refused',
  '/ask/broken',
  '/ask/nobody',
  '/tell/paid',
  '/tell/lost',
].map((path) => ({ path }));

/** Over some transports, nobody answers a message that has no handler. */
const ANSWERED = MESSAGES.filter(({ path }) => path !== '/ask/nobody');

/** The requests to each program in `programs`. */
export const REQUESTS: Readonly<Record<string, readonly AppRequest[]>> = {
  'adonisjs-6': [...WEB, { path: '/private' }],
  agenda: JOBS,
  apollo: GRAPHQL,
  'bee-queue': JOBS,
  bull: [...JOBS, { path: '/unnamed' }, { path: '/bulk' }],
  bullmq: [...JOBS, { path: '/newsletter' }, { path: '/resize' }, { path: '/shrink' }],
  connect: WEB,
  'graphile-worker': [...JOBS, { path: '/order' }, { path: '/remind' }],
  fastify: [...WEB, { path: '/api/list' }, { path: '/stock', headers: { 'x-user': 'none' } }],
  hapi: [...WEB, { path: '/files/a/b' }, { path: '/members' }, { path: '/inside' }],
  hono: [
    ...WEB,
    ...['/teapot', '/shop/closed', '/admin/users/7', '/inside', '/stream'].map((path) => ({
      path,
    })),
  ],
  koa: [
    ...WEB,
    ...['/teapot', '/shop/open', '/admin/users/7?all', '/admin'].map((path) => ({ path })),
  ],
  loopback: ['/orders/7', '/broken', '/teapot', '/missing'].map((path) => ({
    path: `/shop${path}`,
  })),
  mercurius: GRAPHQL,
  'moleculer-web': ['/shop/orders/7', '/shop/broken', '/shop/no/action', '/missing'].map(
    (path) => ({
      path,
    }),
  ),
  nest: [...WEB, { path: '/orders/x' }, { path: '/stock', headers: { 'x-user': 'none' } }],
  'nest-microservices': MESSAGES,
  'nest-grpc': ['price', 'list', 'refused', 'broken'].map((name) => ({ path: `/ask/${name}` })),
  'nest-mqtt': ANSWERED,
  'nest-nats': MESSAGES,
  'nest-redis': ANSWERED,
  'nest-rmq': MESSAGES,
  'pg-boss': JOBS,
  polka: MOUNTED,
  piscina: [{ path: '/cat' }, { path: '/broken' }, { path: '/named' }],
  sails: [...WEB, { path: '/refused' }],
  'sqs-consumer': JOBS,
  tinyhttp: MOUNTED,
  trpc: ['/user.get', '/broken', '/private', '/missing', '/stock,stock?batch=1'].map((path) => ({
    path,
  })),
  yoga: GRAPHQL,
};
