import { createServer } from 'node:http';
import { FlowProducer, Queue, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.env.PORT_redis) };
const queue = new Queue('emails', { connection });
const images = new Queue('images', { connection });
const untraced = new Queue('icons', { connection });
const flows = new FlowProducer({ connection });
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
// Runs a file in another process.
const processes = new Worker('images', new URL('bullmq-job.mjs', import.meta.url).pathname, {
  connection,
});
// Runs it in a process without otel-xray.
const others = new Worker('icons', new URL('bullmq-job.mjs', import.meta.url).pathname, {
  connection,
  workerForkOptions: { execArgv: [] },
});
for (const event of ['completed', 'failed']) {
  for (const one of [worker, processes, others])
    one.on(event, (job) => done.get(job.name)?.(event));
}
const enqueue = {
  '/newsletter': () =>
    flows.add({
      name: 'newsletter',
      queueName: 'emails',
      data: { to: 'all' },
      children: [{ name: 'draft', queueName: 'emails', data: {} }],
    }),
  '/resize': () => images.add('resize', { port: server.address().port }),
  '/shrink': () => untraced.add('shrink', { port: server.address().port }),
};
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const name = request.url.slice(1);
  const finished = new Promise((resolve) => done.set(name, resolve));
  await (enqueue[request.url]?.() ?? queue.add(name, { to: 'ann' }));
  response.end(await finished);
});
server.listen(0, '127.0.0.1', async () => {
  await worker.waitUntilReady();
  await processes.waitUntilReady();
  await others.waitUntilReady();
  console.log(`port ${server.address().port}`);
});
