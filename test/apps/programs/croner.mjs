import { createServer } from 'node:http';
import { Cron } from 'croner';

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const sweep = new Cron('0 0 1 1 *', { name: 'sweep carts', paused: true }, async () => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
});
const reporting = new Cron('0 0 2 1 *', { catch: (error) => console.log('caught', error.message) });
reporting.schedule(function report(job, context) {
  console.log('report', job === reporting, job.name, context, this === job);
  throw new RangeError('no carts');
});
const unnamed = new Cron('0 0 3 1 *', { context: 'a', protect: true }, (job, context) => {
  console.log('unnamed', job === unnamed, context);
});
const failing = new Cron('0 0 4 1 *', function remind() {
  throw new TypeError('no address');
});

await sweep.trigger();
await reporting.trigger();
await unnamed.trigger();
await failing.trigger().catch((error) => console.log('thrown', error.message));
// Made last: a second may end while the other jobs run, and the trace lists jobs in the order of their start.
await new Promise((resolve) => new Cron('* * * * * *', { maxRuns: 1 }, resolve));
for (const job of [sweep, reporting, unnamed, failing]) job.stop();
server.close();
