// The app of the row `shop`: a shop with Express, PostgreSQL and Redis. Several routes, hits and misses
// of a cache, and requests that fail. Reports its CPU time on request.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const fromShop = createRequire(join(__dirname, '../peers/shop/package.json'));
const express = fromShop('express');
const { Pool } = fromShop('pg');
const { createClient } = fromShop('redis');

const [postgresPort, redisPort] = process.argv.slice(2).map(Number);
const PRODUCTS = 200;

async function main() {
  const pool = new Pool({
    host: '127.0.0.1',
    port: postgresPort,
    user: 'app',
    database: 'postgres',
    max: 8,
  });
  const redis = await createClient({ url: `redis://127.0.0.1:${redisPort}` }).connect();
  await pool.query('CREATE TABLE IF NOT EXISTS product (id int PRIMARY KEY, name text, stock int)');
  await pool.query(
    `INSERT INTO product SELECT n, 'product ' || n, n FROM generate_series(1, ${PRODUCTS}) n ON CONFLICT DO NOTHING`,
  );
  const app = express();
  app.use(express.json());
  app.get('/products/:id', async (request, response) => {
    const { id } = request.params;
    // Each process has its own cache, so that all have as many hits.
    const key = `${process.pid}:product:${id}`;
    const known = await redis.get(key);
    if (known !== null) return void response.type('json').send(known);
    const { rows } = await pool.query('SELECT id, name, stock FROM product WHERE id = $1', [id]);
    if (rows.length === 0) return void response.status(404).json({ error: 'no such product' });
    const text = JSON.stringify(rows[0]);
    await redis.set(key, text, { PX: 500 });
    response.type('json').send(text);
  });
  app.post('/orders', async (request, response) => {
    const { product, count } = request.body;
    if (count > 9) throw new RangeError(`only 9 of product ${product} may be ordered`);
    const { rowCount } = await pool.query('UPDATE product SET stock = stock - $1 WHERE id = $2', [
      count,
      product,
    ]);
    await redis.incr('orders');
    response.status(rowCount === 1 ? 201 : 404).json({ product, count });
  });
  app.use((error, _request, response, _next) => {
    response.status(error instanceof RangeError ? 422 : 500).json({ error: error.message });
  });
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  server.keepAliveTimeout = 60_000;
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: user + system });
});
main();
