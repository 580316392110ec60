/** Makes ten requests' spans with the built package, then ends as its argument says. */
import { traceTask } from '../../dist/index.cjs';

const endings = {
  'natural end': () => {},
  'process.exit()': () => process.exit(3),
  'uncaught error': () => {
    throw new Error('on purpose');
  },
  SIGTERM: () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => {}, 5_000);
  },
  'three seconds later': () => setTimeout(() => {}, 3_000),
};
for (let number = 0; number < 10; number += 1) traceTask(`task ${number}`, () => {});
setTimeout(endings[process.argv[2]], 50);
