import { createServer } from 'node:http';
import { Logger, makeWorkerUtils, run, runOnce } from 'graphile-worker';

const options = {
  connectionString: `postgres://app@127.0.0.1:${process.env.PORT_postgres}/postgres`,
  schema: 'worker_of_shop',
  // The output of the default one has durations.
  logger: new Logger(() => () => {}),
};
const done = new Map();
const stock = () => fetch(`http://127.0.0.1:${server.address().port}/stock`);
const taskList = Object.freeze({
  async welcome(payload) {
    await stock();
    return void done.get('welcome')?.(JSON.stringify(payload));
  },
  async broken(_payload, { job }) {
    await stock();
    setTimeout(() => done.get('broken')?.(`attempt ${job.attempts}`), 200);
    throw new TypeError('no address');
  },
  async order(payload, { addJob, query }) {
    await query('select 1');
    await addJob('welcome', payload);
  },
  async remind(reminders) {
    setTimeout(() => done.get('remind')?.(JSON.stringify(reminders)), 200);
    return reminders.map(async ({ to }) => {
      if (to === 'bob') throw new RangeError('no bob');
    });
  },
});
const utils = await makeWorkerUtils(options);
await utils.migrate();
const runner = await run({ ...options, taskList, noHandleSignals: true, pollInterval: 100 });
const server = createServer(async (request, response) => {
  if (request.url === '/stock') return void response.end('3');
  const task = request.url.slice(1);
  const last = task === 'order' ? 'welcome' : task;
  const finished = new Promise((resolve) => done.set(last, resolve));
  const payload = task === 'remind' ? [{ to: 'ann' }, { to: 'bob' }] : { to: 'ann' };
  if (task === 'remind') await utils.addJobs([{ identifier: task, payload, maxAttempts: 1 }]);
  else await utils.addJob(task, payload, { maxAttempts: 1 });
  response.end(await finished);
});
await runOnce({ ...options, taskList });
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
process.once('SIGTERM', async () => {
  await runner.stop();
  await utils.release();
  server.close();
  server.closeAllConnections();
});
