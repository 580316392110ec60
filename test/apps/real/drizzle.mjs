import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({
  connectionString: `postgres://app@127.0.0.1:${process.env.PORT_postgres}/postgres`,
  options: '-c search_path=api',
});
await pool.query(`DROP SCHEMA IF EXISTS api CASCADE; CREATE SCHEMA api;
  CREATE TABLE customers (id serial PRIMARY KEY, name text UNIQUE);
  CREATE TABLE orders (id serial PRIMARY KEY, customer integer, total integer);
  INSERT INTO customers (name) VALUES ('ann'); INSERT INTO orders (customer, total) VALUES (1, 3)`);
const customers = pgTable('customers', { id: serial().primaryKey(), name: text() });
const orders = pgTable('orders', {
  id: serial().primaryKey(),
  customer: integer(),
  total: integer(),
});
const db = drizzle(pool);

const app = Fastify();
app.get('/customers/:id/orders', async (request) => {
  const id = Number(request.params.id);
  const [customer] = await db.select().from(customers).where(eq(customers.id, id));
  return { customer, orders: await db.select().from(orders).where(eq(orders.customer, id)) };
});
app.get('/buy', () =>
  db.transaction(async (transaction) => {
    const [customer] = await transaction.insert(customers).values({ name: 'bob' }).returning();
    return transaction.insert(orders).values({ customer: customer.id, total: 4 }).returning();
  }),
);
// The name exists: the transaction is rolled back.
app.get('/twice', () =>
  db.transaction((transaction) => transaction.insert(customers).values({ name: 'ann' })),
);
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`port ${app.server.address().port}`);
