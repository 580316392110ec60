import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hasBinary } from '../support/binaries.ts';
import { type Fault, runFault } from '../support/daemon-faults.ts';
import { startRealDaemon } from '../support/real-daemon.ts';

const present = hasBinary('xray-daemon');

/** The daemon is unavailable for 2 s; scripts/daemon-faults.ts tests longer outages. */
const FAULTS: readonly { readonly fault: Fault; readonly rule: string }[] = [
  { fault: 'restart', rule: 'stopped with SIGTERM and started again' },
  { fault: 'crash', rule: 'killed with SIGKILL and started again' },
  { fault: 'freeze', rule: 'stopped with SIGSTOP and continued' },
  { fault: 'late', rule: 'started after the application' },
];

test.skipIf(!present).for(FAULTS)('daemon $rule: every request is uploaded', async ({ fault }) => {
  await using daemon = await startRealDaemon({ logLevel: 'info', stopped: fault === 'late' });
  const result = await runFault(daemon, { fault, awayMs: 2_000, perSecond: 300, wait });
  const { made, uploaded, dropped, counters } = result;
  expect({ uploaded, dropped, held: counters.held }).toEqual({
    uploaded: made,
    dropped: 0,
    held: 0,
  });
  expect(counters.sent).toBe(made);
});

test.skipIf(!present)(
  'documents that do not fit into a small hold buffer are counted as dropped',
  async () => {
    await using daemon = await startRealDaemon({ logLevel: 'info', stopped: true });
    const { made, uploaded, dropped } = await runFault(daemon, {
      fault: 'late',
      awayMs: 2_000,
      perSecond: 300,
      holdBytes: 100_000,
      wait,
    });
    expect(dropped).toBeGreaterThan(100);
    expect(uploaded + dropped).toBe(made);
  },
);
