import { createServer } from 'node:http';
import { CronJob } from 'cron';

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

let finishSweep;
const swept = new Promise((resolve) => {
  finishSweep = resolve;
});
const sweep = new CronJob('0 0 1 1 *', async () => {
  await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  finishSweep();
});
const report = CronJob.from({
  cronTime: '0 0 2 1 *',
  name: 'yearly report',
  waitForCompletion: true,
  errorHandler: (error) => console.log('handled', error.message),
  onTick() {
    throw new RangeError('no carts');
  },
});
class Mailer {
  async remind() {
    console.log('reminded by', this.constructor.name);
  }
}
const mailer = new Mailer();
const remind = new CronJob('0 0 3 1 *', mailer.remind.bind(mailer));
const reindex = new CronJob('0 0 4 1 *', function reindex(onComplete) {
  console.log('indexed', this === reindexed, typeof onComplete);
});
const reindexed = reindex;
const command = new CronJob('0 0 5 1 *', 'true');

await sweep.fireOnTick();
await swept;
for (const job of [report, remind, reindex, reindex, command]) await job.fireOnTick();
server.close();
