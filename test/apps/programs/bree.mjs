import { createServer } from 'node:http';
import Bree from 'bree';

const answers = [];
const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const workerData = { port: server.address().port };
const path = new URL('bree-job.mjs', import.meta.url).pathname;
const bree = new Bree({
  root: false,
  logger: false,
  errorHandler: (error) => answers.push(error.message),
  jobs: ['sweep', 'report'].map((name) => ({ name, path, worker: { workerData } })),
});
for (const name of ['sweep', 'report']) {
  const ended = new Promise((resolve) => bree.once('worker deleted', resolve));
  await bree.run(name);
  await ended;
}
console.log(answers.join('; '));
server.close();
