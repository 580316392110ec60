import { createServer } from 'node:http';
import Queue from 'bull';

const redis = { host: '127.0.0.1', port: Number(process.env.PORT_redis) };
const queue = new Queue('emails', { redis });
const done = new Map();
queue.on('completed', (job, result) => done.get(job.name)?.(result));
queue.on('failed', (job, error) => done.get(job.name)?.(error.message));
const stock = () => fetch(`http://127.0.0.1:${server.address().port}/stock`);
queue.process('welcome', async (job) => {
  await stock();
  return job.data.to;
});
queue.process('broken', (_job, done) => {
  stock().then(() => done(new TypeError('no address')));
});
queue.process(function unnamed(job) {
  return `${job.data.to} of ${this.name}`;
});
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const name = request.url.slice(1);
  const data = { to: 'ann' };
  const jobName = { unnamed: '__default__', bulk: 'welcome' }[name] ?? name;
  const finished = new Promise((resolve) => done.set(jobName, resolve));
  if (name === 'bulk') await queue.addBulk([{ name: jobName, data }]);
  else await queue.add(...(name === 'unnamed' ? [data] : [name, data]));
  response.end(await finished);
});
server.listen(0, '127.0.0.1', async () => {
  await queue.isReady();
  console.log(`port ${server.address().port}`);
});
