import { once } from 'node:events';
import { createServer } from 'node:http';
import { Job, scheduleJob } from 'node-schedule';

/** Schedules a job in a second. A date in the past gives no job, and a busy machine takes its time. */
function scheduleSoon(...rest) {
  for (;;) {
    const job = scheduleJob(...rest.slice(0, -1), new Date(Date.now() + 1000), rest.at(-1));
    if (job !== null) return job;
  }
}

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const sweep = scheduleSoon('sweep carts', async () => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  return 3;
});
console.log(await once(sweep, 'success'));
const report = scheduleSoon(function report() {
  throw new RangeError('no carts');
});
const failure = await new Promise((resolve) => report.on('error', resolve));
console.log(failure.message);
console.log(new Job(() => 'run by the app').invoke());
server.close();
