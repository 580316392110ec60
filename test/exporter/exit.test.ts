import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs the app of `exit-app.ts`; sends it the signal at each line it writes. */
async function runApp(port: number, way: string, signal: NodeJS.Signals): Promise<Ending> {
  const app = resolve(import.meta.dirname, '../support/exit-app.ts');
  const child = spawn(process.execPath, [app, String(port), way], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  createInterface({ input: child.stdout }).on('line', () => child.kill(signal));
  const [code, ended] = await once(child, 'close');
  return { code, signal: ended };
}

test.for([
  { way: 'natural end', ends: { code: 0, signal: null } },
  { way: 'process.exit()', ends: { code: 7, signal: null } },
  { way: 'process.exit() in the tick of the first span', ends: { code: 0, signal: null } },
  { way: 'uncaught error', ends: { code: 1, signal: null } },
  { way: 'unhandled rejection', ends: { code: 1, signal: null } },
  { way: 'signal with a listener that exits', ends: { code: 5, signal: null } },
  { way: 'worker: natural end', ends: { code: 0, signal: null } },
  { way: 'worker: process.exit()', ends: { code: 0, signal: null } },
])('exit: $way: all 50 spans arrive', async ({ way, ends }) => {
  await using daemon = await startFakeDaemon();
  const ending = await runApp(daemon.endpoint.port, way, 'SIGTERM');
  await daemon.received(50);
  expect(ending).toEqual(ends);
});

// A process that dies by a signal runs no exit listeners, so the span that ends there is not sent.
test.for([
  { way: 'signal', signal: 'SIGTERM' },
  { way: 'signal', signal: 'SIGINT' },
  { way: 'signal with a listener that goes on', signal: 'SIGTERM' },
  { way: 'signal with signal-exit', signal: 'SIGTERM' },
] as const)(
  'exit: $way $signal: the spans arrive and the process dies by it',
  async ({ way, signal }) => {
    await using daemon = await startFakeDaemon();
    const ending = await runApp(daemon.endpoint.port, way, signal);
    await daemon.received(49);
    expect(ending).toEqual({ code: null, signal });
  },
);
