/**
 * Takes the real daemon away while requests are traced, and counts what became of them.
 *
 *   npx node scripts/daemon-faults.ts [FAULT] [SECONDS] [PER_SECOND] [HOLD_BYTES]
 *
 * FAULT: `restart` (SIGTERM, then started again), `crash` (SIGKILL, then started again), `freeze`
 * (SIGSTOP, then SIGCONT) or `late` (started after the first requests). Prints one JSON line, and
 * exits 1 unless every document was uploaded or is counted as dropped.
 */
import { setTimeout as after } from 'node:timers/promises';
import { runFault } from '../test/support/daemon-faults.ts';
import { startRealDaemon } from '../test/support/real-daemon.ts';

const [fault = 'restart', ...numbers] = process.argv.slice(2);
const [seconds = 10, perSecond = 300, holdBytes] = numbers.map(Number);

await using daemon = await startRealDaemon({ logLevel: 'info', stopped: fault === 'late' });
const result = await runFault(daemon, {
  fault: fault as Parameters<typeof runFault>[1]['fault'],
  awayMs: seconds * 1_000,
  perSecond,
  holdBytes,
  wait: after,
});
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.made === result.uploaded + result.dropped ? 0 : 1;
