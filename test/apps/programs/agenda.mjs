import { createServer } from 'node:http';
import { PostgresBackend } from '@agendajs/postgres-backend';
import { Agenda } from 'agenda';

const connectionString = `postgres://app@127.0.0.1:${process.env.PORT_postgres}/postgres`;
const agenda = new Agenda({
  backend: new PostgresBackend({ connectionString, tableName: `jobs_${process.pid}` }),
  processEvery: 50,
});
const done = new Map();
async function send(job) {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  if (job.attrs.name === 'broken') throw new TypeError('no address');
}
agenda.define('welcome', send);
agenda.define('broken', send);
agenda.on('success', (job) => done.get(job.attrs.name)?.('completed'));
agenda.on('fail', (error, job) => done.get(job.attrs.name)?.(error.message));
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const name = request.url.slice(1);
  const finished = new Promise((resolve) => done.set(name, resolve));
  await agenda.now(name, { to: 'ann' });
  response.end(await finished);
});
await agenda.start();
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
