/** Packages that the programs use. */
export const DATABASE_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  'drizzle-orm@0.45.4',
  'ioredis@5.11.1',
  'knex@3.3.0',
  'memcached@2.2.2',
  'mongodb@7.9.0',
  'mysql@2.18.1',
  'mysql2@3.24.6',
  'pg@8.23.1',
  'pg-cursor@2.22.0',
  'pg-query-stream@4.17.0',
  'redis@6.3.1',
  'sequelize@6.37.8',
  'typeorm@1.1.1',
];

const HEAD = `
import { trace } from '@opentelemetry/api';

const host = '127.0.0.1';
const postgres = { host, port: Number(process.env.PORT_postgres), user: 'app', database: 'postgres' };
const mariadb = { host, port: Number(process.env.PORT_mariadb), user: 'root', database: 'shop' };
const shown = (value) => JSON.stringify(value?.rows ?? (Array.isArray(value) ? value : typeof value));
/** Runs a step in a segment of its own; what fails in it is in the trace. Prints what the app sees. */
const step = (name, run) => trace.getTracer('app').startActiveSpan(name, async (span) => {
  await Promise.resolve(run()).then(
    (value) => console.log(name, shown(value)),
    (error) => console.log(name, error.name, error.code, error.message),
  );
  span.end();
});
const called = (run) => new Promise((resolve) => run((error, result) => resolve(error?.message ?? result)));
`;

/** Makes the database; runs without the tracer. */
export const DATABASE_SETUP: string = `${HEAD}
import mysql from 'mysql2/promise';
const connection = await mysql.createConnection({ ...mariadb, database: undefined });
await connection.query('CREATE DATABASE IF NOT EXISTS shop');
await connection.end();
`;

/** Small programs; each is its own process. */
export const DATABASE_APPS: Readonly<Record<string, string>> = {
  pg: `${HEAD}
import { once } from 'node:events';
import { createServer } from 'node:net';
import pg from 'pg';
await step('pool', async () => {
  const pool = new pg.Pool(postgres);
  await pool.query("SELECT 'secret' AS a, 1");
  await pool.query('SELECT * FROM missing').catch(() => {});
  await pool.end();
});
await step('client', async () => {
  const client = new pg.Client(postgres);
  await client.connect();
  await client.query('SELECT $1::int AS one', [1]);
  await called((done) => client.query('SELECT 1 / 0', done));
  await client.end();
});
await step('refused pool', () => new pg.Pool({ ...postgres, port: 1 }).query('SELECT 1'));
await step('refused client', () => new pg.Client({ ...postgres, port: 1 }).connect());
const silent = createServer(() => {}).listen(0, host);
await once(silent, 'listening');
const slow = { ...postgres, port: silent.address().port, connectionTimeoutMillis: 100 };
await step('pool timeout', () => new pg.Pool(slow).query('SELECT 1'));
silent.close();
`,

  'pg-streams': `${HEAD}
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
const client = new pg.Client(postgres);
await client.connect();
const all = async (stream) => { for await (const row of stream) row; };
await step('stream', () => all(client.query(new QueryStream('SELECT generate_series(1, 200), $1::text', ['secret']))));
await step('failed stream', () => all(client.query(new QueryStream('SELECT * FROM missing'))));
await step('cursor', async () => {
  const cursor = client.query(new Cursor('SELECT generate_series(1, 5)'));
  await cursor.read(10);
  await cursor.close();
});
await step('failed cursor', () => client.query(new Cursor('SELECT * FROM missing')).read(10));
await client.end();
`,

  mysql2: `${HEAD}
import mysql from 'mysql2/promise';
import callbacks from 'mysql2';
await step('pool', async () => {
  const pool = mysql.createPool(mariadb);
  await pool.query("SELECT 'secret', ?", ['secret']);
  await pool.execute('SELECT ?', [1]);
  await pool.query('SELECT * FROM missing').catch(() => {});
  await pool.end();
});
await step('refused pool', () => mysql.createPool({ ...mariadb, port: 1 }).query('SELECT 1'));
await step('refused connection', () => mysql.createConnection({ ...mariadb, port: 1 }));
await step('unknown database', () => mysql.createConnection({ ...mariadb, database: 'missing' }));
const one = mysql.createPool({ ...mariadb, connectionLimit: 1, queueLimit: 1 });
await one.query('SELECT 1');
await Promise.all([
  step('holds the connection', () => one.query('SELECT 1 AS first')),
  step('waits for the connection', () => one.execute('SELECT 1 AS second')),
  step('queue limit', () => one.query('SELECT 1 AS third')),
]);
await one.end();
await step('closed pool', () => one.query('SELECT 1'));
await step('closed pool, connection', () => one.getConnection());
await step('empty cluster', () => called((done) => callbacks.createPoolCluster().of('A').query('SELECT 1', done)));
await step('refused query', () => called((done) => {
  const connection = callbacks.createConnection({ ...mariadb, port: 1 });
  connection.on('error', () => {});
  connection.query('SELECT 1', done);
}));
process.exit();
`,

  mysql: `${HEAD}
import mysql from 'mysql';
await step('pool', () => called((done) => {
  const pool = mysql.createPool(mariadb);
  pool.query("SELECT 'secret'", () => pool.query('SELECT * FROM missing', () => pool.end(done)));
}));
await step('connection', () => called((done) => {
  const connection = mysql.createConnection(mariadb);
  connection.query('SELECT 1', () => connection.end(done));
}));
await step('refused pool', () => called((done) => mysql.createPool({ ...mariadb, port: 1 }).query('SELECT 1', done)));
await step('refused connection', () => called((done) => mysql.createConnection({ ...mariadb, port: 1 }).connect(done)));
await step('refused connection of a pool', () => called((done) => mysql.createPool({ ...mariadb, port: 1 }).getConnection(done)));
`,

  mongodb: `${HEAD}
import { MongoClient } from 'mongodb';
import { startMongoServer } from './mongo-server.mjs';
const server = await startMongoServer();
const client = new MongoClient('mongodb://' + host + ':' + server.address().port);
const orders = client.db('shop').collection('orders');
await step('insert', () => orders.insertOne({ _id: 1, card: 'secret' }));
await step('duplicate', () => orders.insertOne({ _id: 1, card: 'secret' }));
await step('insert many', () => orders.insertMany([{ _id: 2, card: 'secret' }, { _id: 3 }]));
await step('bulk write', () => orders.bulkWrite([{ updateOne: { filter: { card: 'secret' }, update: { $set: { card: 'secret' } } } }]));
await step('sorted', () => orders.findOne({ card: 'secret' }, { sort: { _id: -1 } }));
await step('user', () => client.db('shop').command({ createUser: 'secret', pwd: 'secret', roles: [] }).catch((error) => [error.code]));
await step('find in two batches', () => orders.find({ card: 'secret' }).toArray());
await step('update', () => orders.updateOne({ _id: 1 }, { $set: { card: 'secret' } }));
await step('delete', () => orders.deleteOne({ _id: 1 }));
await step('failed aggregate', () => orders.aggregate([{ $nonsense: 'secret' }]).toArray());
await client.close();
const refused = () => new MongoClient('mongodb://app:secret@127.0.0.1:1', { serverSelectionTimeoutMS: 100 });
await step('refused connection', () => refused().connect());
await step('refused query', () => refused().db('shop').collection('orders').findOne());
await step('closed client', () => orders.insertOne({}));
server.close();
`,

  redis: `${HEAD}
import { createClient } from 'redis';
const options = { socket: { host, port: Number(process.env.PORT_redis), reconnectStrategy: false } };
await step('commands', async () => {
  const client = createClient(options);
  await client.connect();
  await client.set('user:7', 'secret');
  await client.get('user:7');
  await client.multi().set('a', 'secret').get('a').exec();
  await client.lPush('user:7', 'secret').catch(() => {});
  await client.quit();
});
await step('wrong password', () => {
  const client = createClient({ ...options, username: 'app', password: 'secret' });
  return client.on('error', () => {}).connect();
});
await step('refused', () => {
  const client = createClient({ socket: { ...options.socket, port: 1 } });
  return client.on('error', () => {}).connect();
});
process.exit();
`,

  ioredis: `${HEAD}
import Redis from 'ioredis';
const port = Number(process.env.PORT_redis);
await step('commands', async () => {
  const client = new Redis({ host, port, disableClientInfo: true });
  await client.set('user:8', 'secret');
  await client.get('user:8');
  await client.multi().set('b', 'secret').get('b').exec();
  await client.pipeline().set('c', 'secret').get('c').exec();
  await client.lpush('user:8', 'secret').catch(() => {});
  await client.quit();
});
await step('command timeout, then disconnected', async () => {
  const client = new Redis({ host, port, disableClientInfo: true, commandTimeout: 50 });
  await client.blpop('none', 0).catch((error) => console.log(error.message));
  client.disconnect();
  await new Promise((resolve) => client.once('end', resolve));
});
await step('rejected at once', async () => {
  const client = new Redis({ host, port: 1, enableOfflineQueue: false, retryStrategy: () => 60_000 });
  await client.on('error', () => {}).get('user:8').finally(() => client.disconnect());
});
await step('refused', () => {
  const client = new Redis({ host, port: 1, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  return client.on('error', () => {}).get('user:8');
});
process.exit();
`,

  memcached: `${HEAD}
import Memcached from 'memcached';
await step('commands', async () => {
  const client = new Memcached(host + ':' + process.env.PORT_memcached);
  await called((done) => client.set('key', 'secret', 10, done));
  await called((done) => client.get('key', done));
  await called((done) => client.getMulti(['key', 'other'], done));
  await called((done) => client.incr('key', 1, done));
  client.end();
});
await step('refused', async () => {
  const client = new Memcached(host + ':1', { retries: 0, timeout: 200 });
  await called((done) => client.get('key', done));
  client.end();
});
process.exit();
`,

  layers: `${HEAD}
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';
import knex from 'knex';
import pg from 'pg';
import { Sequelize } from 'sequelize';
import { DataSource } from 'typeorm';
const client = knex({ client: 'pg', connection: postgres, pool: { min: 0, max: 1 } });
await step('knex connects', () => client.raw('SELECT 1'));
await step('knex', () => client('pg_class').where({ relname: 'secret' }).limit(1));
await step('knex fails', () => client('missing').where({ name: 'secret' }));
const full = knex({ client: 'pg', connection: postgres, pool: { min: 0, max: 1 }, acquireConnectionTimeout: 2_000, log: { warn() {} } });
await step('knex, full pool', async () => {
  const transaction = await full.transaction();
  await full('pg_class').limit(1).finally(() => transaction.rollback());
});
await full.destroy();
await step('knex, closed pool', () => full('pg_class').limit(1));
await client.destroy();
const pool = new pg.Pool(postgres);
await step('drizzle', () => drizzle(pool).execute(sql\`SELECT \${'secret'} AS a\`));
await pool.end();
const { host: server, ...rest } = postgres;
const sequelize = new Sequelize(rest.database, rest.user, undefined, { host: server, port: rest.port, dialect: 'postgres', logging: false });
await sequelize.authenticate();
await step('sequelize', () => sequelize.query("SELECT 'secret'"));
await sequelize.close();
const source = await new DataSource({ type: 'postgres', host: server, port: rest.port, username: rest.user, database: rest.database }).initialize();
await step('typeorm', () => source.query('SELECT $1::text', ['secret']));
await source.destroy();
`,
};
