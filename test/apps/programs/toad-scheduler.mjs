import { createServer } from 'node:http';
import { AsyncTask, SimpleIntervalJob, Task, ToadScheduler } from 'toad-scheduler';

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const scheduler = new ToadScheduler();
const schedule = (task) =>
  scheduler.addSimpleIntervalJob(new SimpleIntervalJob({ days: 1, runImmediately: true }, task));
await new Promise((resolve) => {
  const sweep = new AsyncTask('sweep carts', async (id) => {
    await fetch(`http://127.0.0.1:${server.address().port}/stock`);
    resolve(id);
  });
  console.log(sweep instanceof AsyncTask);
  schedule(sweep);
}).then(console.log);
await new Promise((resolve) => {
  const work = () => {
    throw new RangeError('no carts');
  };
  schedule(new Task('report', work, (error) => resolve(error.message)));
}).then(console.log);
scheduler.stop();
server.close();
