import { createServer } from 'node:http';
import cron from 'node-cron';

const server = createServer((_request, response) => response.end('3'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const sweep = cron.schedule(
  '0 0 1 1 *',
  async () => {
    await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  },
  { name: 'sweep carts' },
);
const report = cron.createTask('0 0 1 1 *', function report() {
  throw new RangeError('no carts');
});
cron.setLogger({ debug() {}, info() {}, warn() {}, error() {} });
await sweep.execute();
console.log(await report.execute().then(String, (error) => error.message));
sweep.stop();
server.close();
