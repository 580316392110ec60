import { createServer } from 'node:http';
import { Queue, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.env.PORT_redis) };
const queue = new Queue('emails', { connection });
const done = new Map();
const worker = new Worker(
  'emails',
  async (job) => {
    await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    if (job.name === 'broken') throw new TypeError('no address');
    return job.data.to;
  },
  { connection },
);
for (const event of ['completed', 'failed']) {
  worker.on(event, (job) => done.get(job.name)?.(event));
}
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const name = request.url.slice(1);
  const finished = new Promise((resolve) => done.set(name, resolve));
  await queue.add(name, { to: 'ann' });
  response.end(await finished);
});
server.listen(0, '127.0.0.1', async () => {
  await worker.waitUntilReady();
  console.log(`port ${server.address().port}`);
});
