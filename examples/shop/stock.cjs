// Stock service of the shop: node:http in CommonJS, with an SQLite database.
const { createServer } = require('node:http');
const { DatabaseSync } = require('node:sqlite');
const { setTimeout: delay } = require('node:timers/promises');

const database = new DatabaseSync(process.env.DATABASE ?? ':memory:');
database.exec(
  'CREATE TABLE IF NOT EXISTS product (id INTEGER PRIMARY KEY, name TEXT, stock INTEGER)',
);
database.exec("INSERT OR REPLACE INTO product VALUES (1, 'kettle', 12), (2, 'teapot', 0)");
const product = database.prepare('SELECT id, name, stock FROM product WHERE id = ?');

const routes = [
  [/^GET \/products\/(\d+)$/, (id) => found(product.get(Number(id)))],
  [/^GET \/report$/, report],
  [/^POST \/reserve$/, () => [429, { error: 'too many reservations' }]],
];

function found(row) {
  return row === undefined ? [404, { error: 'no such product' }] : [200, row];
}

async function report() {
  await delay(400);
  return [200, database.prepare('SELECT sum(stock) AS pieces FROM product').get()];
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(`${request.method} ${request.url}`);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
});

async function answer(line) {
  for (const [pattern, handler] of routes) {
    const match = pattern.exec(line);
    if (match) return handler(...match.slice(1));
  }
  return [404, { error: 'no such page' }];
}

server.listen(Number(process.env.PORT ?? 8081), '127.0.0.1', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
