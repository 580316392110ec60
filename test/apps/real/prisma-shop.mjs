import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@prisma/client';
import express from 'express';
import pg from 'pg';

const connectionString = `postgres://app@127.0.0.1:${process.env.PORT_postgres}/postgres`;
const setUp = new pg.Client({ connectionString });
await setUp.connect();
await setUp.query(`DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; SET search_path TO shop;
  CREATE TABLE "Customer" (id serial PRIMARY KEY, name text UNIQUE NOT NULL);
  CREATE TABLE "Order" (id serial PRIMARY KEY, total integer NOT NULL, "customerId" integer NOT NULL);
  INSERT INTO "Customer" (name) VALUES ('ann'); INSERT INTO "Order" (total, "customerId") VALUES (3, 1)`);
await setUp.end();
const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString }, { schema: 'shop' }),
});

const app = express();
app.use(express.json());
app.get('/customers/:id', async (request, response) => {
  const where = { id: Number(request.params.id) };
  response.json(await prisma.customer.findUnique({ where, include: { orders: true } }));
});
app.post('/orders', async (request, response) => {
  const [order] = await prisma.$transaction([
    prisma.order.create({ data: request.body }),
    prisma.order.count(),
  ]);
  response.status(201).json(order);
});
// The name exists.
app.get('/twice', async (_request, response) => {
  response.json(await prisma.customer.create({ data: { name: 'ann' } }));
});
app.use((error, _request, response, _next) => response.status(409).json({ code: error.code }));
const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
