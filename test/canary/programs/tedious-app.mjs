import { once } from 'node:events';
import { trace } from '@opentelemetry/api';
import { Connection, Request } from 'tedious';

// There is no server for a test; a query that fails is traced by the same code.
const connection = new Connection({
  server: '127.0.0.1',
  authentication: { type: 'default', options: { userName: 'app', password: 'secret' } },
  options: { port: 1, database: 'shop', encrypt: false },
});
await trace.getTracer('app').startActiveSpan('order', async (span) => {
  const [error] = await Promise.all([
    once(connection, 'connect').catch((e) => [e]),
    connection.connect(),
  ]).then(([all]) => all);
  console.log(error.code);
  await new Promise((resolve) => {
    const request = new Request("SELECT total FROM orders WHERE card = 'secret'", (failure) => {
      console.log(failure.code);
      resolve();
    });
    connection.execSql(request);
  });
  span.end();
});
