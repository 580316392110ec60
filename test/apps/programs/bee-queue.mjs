import { createServer } from 'node:http';
import Queue from 'bee-queue';

const redis = { host: '127.0.0.1', port: Number(process.env.PORT_redis) };
const queue = new Queue('emails', { redis });
queue.process(async (job) => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  if (job.data.name === 'broken') throw new TypeError('no address');
  return job.data.name;
});
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const job = queue.createJob({ name: request.url.slice(1) });
  const finished = new Promise((resolve) => {
    job.on('succeeded', resolve);
    job.on('failed', (error) => resolve(error.message));
  });
  await job.save();
  response.end(await finished);
});
server.listen(0, '127.0.0.1', async () => {
  await queue.ready();
  console.log(`port ${server.address().port}`);
});
