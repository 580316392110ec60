import { createServer } from 'node:http';
import * as pgBoss from 'pg-boss';

// Version 12 exports the class by name.
const PgBoss = pgBoss.PgBoss ?? pgBoss.default;
const boss = new PgBoss({
  connectionString: `postgres://app@127.0.0.1:${process.env.PORT_postgres}/postgres`,
  schema: `boss_${process.pid}`,
});
boss.on('error', console.error);
await boss.start();
const done = new Map();
for (const queue of ['welcome', 'broken']) {
  await boss.createQueue(queue, { retryLimit: 0 });
  await boss.work(queue, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    setTimeout(() => done.get(queue)?.(JSON.stringify(job.data)), 200);
    if (queue === 'broken') throw new TypeError('no address');
  });
}
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const queue = request.url.slice(1);
  const finished = new Promise((resolve) => done.set(queue, resolve));
  await boss.send(queue, { to: 'ann' });
  response.end(await finished);
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
