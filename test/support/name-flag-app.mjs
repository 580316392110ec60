/** What `name-app.ts` does, in a program that the built package traces by its flag. */
import { start, traceTask } from '../../dist/index.cjs';

const started = start();
let made = 0;
const timer = setInterval(() => {
  traceTask(`n ${made}`, () => {});
  made += 1;
}, 5);
process.on('SIGTERM', () => {
  clearInterval(timer);
  started.shutdown().then(() => {
    process.stdout.write(JSON.stringify({ made, ...started.counters() }));
    process.exit(0);
  });
});
