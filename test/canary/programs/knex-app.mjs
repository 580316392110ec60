import { trace } from '@opentelemetry/api';
import knex from 'knex';

const connection = {
  host: '127.0.0.1',
  port: Number(process.env.PORT_postgres),
  user: 'app',
  database: 'postgres',
};
const db = knex({ client: 'pg', connection, pool: { min: 0, max: 1 } });
await db.raw('SELECT 1');
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  console.log((await db('pg_class').where({ relname: 'secret' })).length);
  await db('missing')
    .where({ name: 'secret' })
    .catch((error) => console.log(error.code));
  span.end();
});
await db.destroy();
