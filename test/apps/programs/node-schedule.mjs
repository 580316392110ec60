import { once } from 'node:events';
import { createServer } from 'node:http';
import { Job, scheduleJob } from 'node-schedule';

/** A date in the past gives no job, and a busy machine takes its time. */
const soon = () => new Date(Date.now() + 1000);

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const sweep = scheduleJob('sweep carts', soon(), async () => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  return 3;
});
console.log(await once(sweep, 'success'));
const report = scheduleJob(soon(), function report() {
  throw new RangeError('no carts');
});
const failure = await new Promise((resolve) => report.on('error', resolve));
console.log(failure.message);
console.log(new Job(() => 'run by the app').invoke());
server.close();
