import { createServer } from 'node:http';

export const packages = ['postgres'];

export default async ([{ default: postgres }], runSteps) => {
  const host = '127.0.0.1';
  const database = {
    host,
    port: Number(process.env.PORT_postgres),
    user: 'app',
    database: 'postgres',
  };
  const sql = postgres({ ...database, onnotice() {} });
  const collect = async (cursor) => {
    const found = [];
    for await (const rows of cursor) found.push(...rows.map(({ id }) => id));
    return found;
  };
  const failing = postgres({ ...database, port: 1, max: 1 });
  await runSteps({
    creates: async () => {
      await sql`DROP TABLE IF EXISTS users`;
      return sql`CREATE TABLE users (id int PRIMARY KEY, name text)`;
    },
    inserts: () =>
      sql`INSERT INTO users ${sql([
        { id: 1, name: 'secret' },
        { id: 2, name: 'b' },
      ])}`,
    'reads twice'() {
      const query = sql`SELECT id FROM users WHERE name = ${'secret'} AND ${sql`id > ${0}`}`;
      return Promise.all([query, query]);
    },
    'runs a text': () => sql.unsafe("SELECT 'secret' AS a, $1::int AS b", [5]),
    'each row': async () => {
      const ids = [];
      await sql`SELECT id FROM users ORDER BY id`.forEach(({ id }) => {
        ids.push(id);
      });
      return ids;
    },
    cursor: () => collect(sql`SELECT id FROM users ORDER BY id`.cursor(1)),
    'cursor with a function': async () => {
      const ids = [];
      await sql`SELECT id FROM users ORDER BY id`.cursor(1, ([{ id }]) => void ids.push(id));
      return ids;
    },
    'cursor that stops early': async () => {
      for await (const [{ id }] of sql`SELECT id FROM users ORDER BY id`.cursor(1)) return id;
    },
    'cursor that fails': () =>
      collect(sql`SELECT 1 / (2 - id) AS id FROM users ORDER BY id`.cursor(1)),
    copies: async () => {
      const parts = [];
      for await (const part of await sql`COPY users (id) TO STDOUT`.readable())
        parts.push(`${part}`);
      return parts.join('');
    },
    transacts: () =>
      sql.begin(async (inner) => {
        await inner`UPDATE users SET name = ${'c'} WHERE id = 2`;
        return inner.savepoint(async (deeper) => deeper`SELECT count(*)::int FROM users`);
      }),
    'rolls back': () =>
      sql.begin(async (inner) => {
        await inner`DELETE FROM users`;
        throw new TypeError('changed my mind');
      }),
    'breaks a rule': () => sql`INSERT INTO users (id) VALUES (${1})`,
    'has wrong syntax': () => sql`SELEC 1`,
    'several at once': () => Promise.all([1, 2, 3].map((id) => sql`SELECT ${id}::int AS id`)),
    'waits for a request inside': async () => {
      const server = createServer((_request, response) => response.end('3')).listen(0, host);
      await new Promise((resolve) => server.once('listening', resolve));
      const [{ id }] = await sql`SELECT id FROM users WHERE id = 1`;
      const answer = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
      await sql`SELECT 1 AS after`;
      server.close();
      return [id, await answer.text()];
    },
    'cannot connect': () => failing`SELECT 1`,
  });
  await new Promise((resolve) => {
    process.once('unhandledRejection', (error) => resolve(console.log('unhandled', error.message)));
    sql`SELECT * FROM missing`.execute();
  });
  await Promise.all([sql.end(), failing.end({ timeout: 0 })]);
};
