/** Packages of the programs, in versions that publish tracing channels. */
export const CHANNEL_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/instrumentation@0.223.0',
  '@opentelemetry/instrumentation-fastify@0.57.0',
  '@opentelemetry/instrumentation-ioredis@0.71.0',
  '@opentelemetry/instrumentation-mongoose@0.69.0',
  '@opentelemetry/instrumentation-mysql2@0.69.0',
  '@opentelemetry/instrumentation-redis@0.71.0',
  'fastify@5.12.8',
  'graphql@17.1.0',
  'h3@2.0.8',
  'ioredis@5.11.1',
  'mongoose@9.12.1',
  'mysql2@3.24.6',
  'redis@6.3.1',
  'srvx@1.0.8',
];

const HEAD = `
import { trace } from '@opentelemetry/api';

const host = '127.0.0.1';
const tracer = trace.getTracer('app');
/** Runs a step in a subsegment of its own. */
const step = (name, run) => tracer.startActiveSpan('app', (root) => tracer.startActiveSpan(name, async (span) => {
  await Promise.resolve(run()).catch(() => {});
  span.end();
  root.end();
}));
/** A subsegment of the app, to see where it hangs. */
const mark = (name) => tracer.startSpan(name).end();
`;

/** Programs; each is its own process. */
export const CHANNEL_APPS: Readonly<Record<string, string>> = {
  redis: `${HEAD}
import { createClient } from 'redis';
const client = createClient({ socket: { host, port: Number(process.env.PORT_redis) } });
client.on('error', () => {});
await step('connect', () => client.connect());
await step('commands', async () => {
  await client.set('key', 'secret', { EX: 60 });
  await client.get('key');
  mark('after');
  await client.hSet('hash', { field: 'secret' });
  await Promise.all([client.get('a'), client.del('b')]);
});
await step('failed command', () => client.sendCommand(['NOSUCH']));
await step('failed type', () => client.lPush('key', 'secret'));
await step('multi', () => client.multi().set('key', 'secret').get('key').exec());
await step('pipeline', () => client.multi().get('key').get('key').execAsPipeline());
await client.quit();
const refused = createClient({ socket: { host, port: 1, reconnectStrategy: false } });
refused.on('error', () => {});
await step('refused', () => refused.connect());
`,

  ioredis: `${HEAD}
import { Redis } from 'ioredis';
const client = new Redis({ host, port: Number(process.env.PORT_redis), lazyConnect: true, disableClientInfo: true });
await step('connect', () => client.connect());
await step('commands', async () => {
  await client.set('key', 'secret', 'EX', 60);
  await client.get('key');
  mark('after');
  await client.hset('hash', { field: 'secret' });
  await client.getset('key', 'secret');
});
await step('failed command', () => client.call('NOSUCH'));
await client.quit();
`,

  mysql2: `${HEAD}
import callbacks from 'mysql2';
import mysql from 'mysql2/promise';
const mariadb = { host, port: Number(process.env.PORT_mariadb), user: 'root', database: 'information_schema' };
const pool = mysql.createPool(mariadb);
await pool.query('SELECT 1');
await step('queries', async () => {
  await pool.query("SELECT 'secret', ?", ['secret']);
  mark('after');
  await pool.execute('SELECT ?', ['secret']);
});
await step('failed', () => pool.query('SELECT * FROM missing'));
await step('failed statement', () => pool.execute('SELECT * FROM missing'));
await pool.end();
const connection = callbacks.createConnection(mariadb);
await step('callback', () => new Promise((resolve) => connection.query('SELECT 2', resolve)));
await step('events', () => new Promise((resolve) => connection.query('SELECT 3').on('end', resolve)));
connection.end();
`,
};

/** For mongoose 8, which is instrumented, and 9.7 or later, which has channels. */
export const MONGOOSE_PACKAGES: readonly string[] = ['@opentelemetry/api@1.9.1', 'mongoose@8.24.0'];

export const MONGOOSE_APP: string = `${HEAD}
import mongoose from 'mongoose';
import { startMongoServer } from './mongo-server.mjs';
const server = await startMongoServer();
await mongoose.connect('mongodb://' + host + ':' + server.address().port + '/shop', { autoIndex: false, autoCreate: false });
const Order = mongoose.model('Order', new mongoose.Schema({ _id: String, card: { type: String, maxLength: 8 } }));
await step('save', () => new Order({ _id: 'a', card: 'secret' }).save());
await step('duplicate', () => Order.create({ _id: 'a', card: 'secret' }));
await step('find', async () => { await Order.find({ card: 'secret' }); mark('after'); });
await step('lean', () => Order.findOne({ card: 'secret' }).lean().exec());
await step('update', () => Order.updateOne({ _id: 'a' }, { card: 'secret' }));
await step('update of a document', () => new Order({ _id: 'a' }).updateOne({ card: 'secret' }));
await step('delete', () => Order.deleteMany({ card: 'secret' }));
await step('insertMany', () => Order.insertMany([{ _id: 'b', card: 'secret' }, { _id: 'c' }]));
await step('bulkWrite', () => Order.bulkWrite([{ insertOne: { document: { _id: 'd', card: 'secret' } } }]));
await step('failed aggregate', () => Order.aggregate([{ $nonsense: 1 }]));
await step('then', () => Order.find().then(() => mark('in then')));
await step('cursor', async () => { for await (const order of Order.find().cursor()) mark('order'); });
await mongoose.disconnect();
server.close();
`;

/** Fastify announces each server on a channel. */
export const FASTIFY_APP: string = `
import fastify from 'fastify';
const app = fastify();
app.addHook('onRequest', async () => {});
app.get('/orders/:id', async ({ params }) => params);
app.get('/broken', async () => { throw new TypeError('no basket'); });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
for (const path of ['/orders/7', '/broken', '/missing']) await (await fetch(url + path)).text();
await app.close();
`;

/** h3 and srvx publish if the app adds their plugins. */
export const H3_APP: string = `${HEAD}
import { H3, HTTPError, serve } from 'h3';
import { tracingPlugin } from 'h3/tracing';
import { tracingPlugin as srvxTracing } from 'srvx/tracing';
const app = new H3({ silent: true }).register(tracingPlugin());
app.use('/closed', () => { throw new RangeError('closed'); });
app.use(async (event, next) => { mark('in middleware'); return next(); });
app.get('/orders/:id', (event) => { mark('in handler'); return { id: event.context.params.id }; });
app.get('/broken', () => { throw new TypeError('no basket'); });
app.get('/closed', () => 'never');
app.get('/teapot', () => { throw new HTTPError({ status: 418 }); });
const part = new H3();
part.get('/stock/:id', () => 'stock');
app.mount('/part', part);
const middleware = [function logger(request, next) { return next(); }];
const server = serve(app, { port: 0, hostname: host, silent: true, middleware, plugins: [srvxTracing()] });
await server.ready();
for (const path of ['orders/7', 'broken', 'closed', 'teapot', 'missing', 'part/stock/3']) await (await fetch(server.url + path)).text();
await server.close();
`;

/** For graphql 16, which is instrumented, and 17, which has channels. */
export const GRAPHQL_PACKAGES: readonly string[] = ['@opentelemetry/api@1.9.1', 'graphql@16.15.0'];

const NAMES =
  '{ buildSchema, graphql, GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString }';

/** @param form of the package that the program loads; no instrumentation sees the ES modules of graphql 16 */
export function graphqlApp(form: 'cjs' | 'mjs'): string {
  const load =
    form === 'mjs'
      ? `import ${NAMES} from 'graphql';`
      : `import { createRequire } from 'node:module';\nconst ${NAMES} = createRequire(import.meta.url)('graphql');`;
  return `${HEAD}
${load}
const later = (value) => new Promise((resolve) => setImmediate(resolve, value));
const order = new GraphQLObjectType({ name: 'Order', fields: {
  id: { type: GraphQLString },
  item: { type: GraphQLString, resolve: async () => { mark('in item'); return later('book'); } },
} });
const query = new GraphQLObjectType({ name: 'Query', fields: {
  orders: { type: new GraphQLList(order), resolve: () => later([{ id: '1' }, { id: '2' }]) },
  failed: { type: GraphQLString, resolve: () => { throw new TypeError('no basket'); } },
} });
const schema = new GraphQLSchema({ query });
const run = (source, values = {}) => graphql({ schema, source, contextValue: {}, ...values });
await step('list', () => run('query Orders { orders { id item } }'));
await step('aliases', () => run('{ first: orders { id } second: orders { item } }'));
await step('failed', () => run('query { failed }'));
await step('invalid', () => run('{ nonsense }'));
await step('syntax', () => run('{'));
await step('chosen', () => run('query A { failed } query B { orders { id } }', { operationName: 'B' }));
const built = buildSchema('type Query { hello: String }');
await step('root value', () => graphql({ schema: built, source: '{ hello }', rootValue: { hello: () => later('x') } }));
`;
}

/** Upstream's instrumentations in the app, which replace ours and their channels. */
export const OWN_INSTRUMENTATIONS = `
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { FastifyInstrumentation } = require('@opentelemetry/instrumentation-fastify');
const { IORedisInstrumentation } = require('@opentelemetry/instrumentation-ioredis');
const { MongooseInstrumentation } = require('@opentelemetry/instrumentation-mongoose');
const { MySQL2Instrumentation } = require('@opentelemetry/instrumentation-mysql2');
const { RedisInstrumentation } = require('@opentelemetry/instrumentation-redis');
registerInstrumentations({
  instrumentations: [
    new FastifyInstrumentation(),
    new IORedisInstrumentation(),
    new MongooseInstrumentation(),
    new MySQL2Instrumentation(),
    new RedisInstrumentation(),
  ],
});
`;

/** Prints which parts of otel-xray were loaded when the process ends. */
export const LOADED = `
const { basename, dirname } = require('node:path');
process.on('exit', () => {
  const files = Object.keys(require('node:module')._cache);
  const parts = files.filter((file) => basename(dirname(file)) === 'i').map((file) => basename(file, '.cjs'));
  console.log(parts.filter((part) => part !== 'http').sort().join(' '));
});
`;
