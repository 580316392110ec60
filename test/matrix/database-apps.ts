/** Packages that the programs use. */
export const DATABASE_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  'drizzle-orm@0.45.4',
  'knex@3.3.0',
  'mysql@2.18.1',
  'mysql2@3.24.6',
  'pg@8.23.1',
  'pg-cursor@2.22.0',
  'pg-query-stream@4.17.0',
  'sequelize@6.37.8',
  'typeorm@1.1.1',
];

const HEAD = `
import { trace } from '@opentelemetry/api';

const host = '127.0.0.1';
const postgres = { host, port: Number(process.env.PORT_postgres), user: 'app', database: 'postgres' };
const mariadb = { host, port: Number(process.env.PORT_mariadb), user: 'root', database: 'shop' };
/** Runs a step in a segment of its own; what fails in it is in the trace. */
const step = (name, run) => trace.getTracer('app').startActiveSpan(name, async (span) => {
  await Promise.resolve(run()).catch(() => {});
  span.end();
});
const called = (run) => new Promise((resolve) => run(resolve));
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
