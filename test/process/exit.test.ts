import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test, vi } from 'vitest';
import { flushAtExit } from '../../src/process/exit.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { printIfTestFails, start, tail } from '../support/run.ts';

const APP = resolve(import.meta.dirname, '../support/exit-app.ts');

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs the app of `exit-app.ts`; sends it the signal at each line it writes. */
async function runApp(port: number, way: string, signal: NodeJS.Signals): Promise<Ending> {
  const child = spawn(process.execPath, [APP, String(port), way], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  printIfTestFails(() => tail(stderr));
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
  { way: 'worker: uncaught error', ends: { code: 1, signal: null } },
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
  { way: 'signal', signal: 'SIGHUP' },
  { way: 'signal', signal: 'SIGQUIT' },
  { way: 'signal with a listener that goes on', signal: 'SIGTERM' },
  { way: 'signal with a listener that shuts down, then sends it again', signal: 'SIGTERM' },
  { way: 'signal with a listener that shuts down, then sends its number', signal: 'SIGTERM' },
  { way: 'signal with signal-exit', signal: 'SIGTERM' },
] as const)(
  'exit: $way $signal: the spans arrive, and the signal ends the process',
  async ({ way, signal }) => {
    await using daemon = await startFakeDaemon();
    const ending = await runApp(daemon.endpoint.port, way, signal);
    await daemon.received(49);
    expect(ending).toEqual({ code: null, signal });
  },
);

/** A process of the given platform that records the signals it is sent. */
function fakeProcess(platform: NodeJS.Platform) {
  const killed: unknown[] = [];
  const kill = (pid: number, signal: string): void => void killed.push([pid, signal]);
  const watched = Object.assign(new EventEmitter(), { platform, pid: 7, kill });
  return { killed, watched: watched as unknown as NodeJS.Process };
}

/** Calls the listeners of a signal as Node.js does. */
function emitSignal(watched: NodeJS.Process, signal: string): void {
  Reflect.apply(watched.emit, watched, [signal, signal, 15]);
}

test.for([
  {
    platform: 'linux',
    raised: { SIGTERM: 'SIGTERM', SIGINT: 'SIGINT', SIGHUP: 'SIGHUP', SIGQUIT: 'SIGQUIT' },
  },
  {
    platform: 'win32',
    raised: { SIGTERM: 'SIGTERM', SIGINT: 'SIGINT', SIGHUP: 'SIGTERM', SIGBREAK: 'SIGINT' },
  },
] as const)('exit: signals on $platform flush, then end the process', ({ platform, raised }) => {
  for (const [signal, expected] of Object.entries(raised)) {
    const { killed, watched } = fakeProcess(platform);
    const flushSync = vi.fn();
    const remove = flushAtExit({ flushSync }, { process: watched });
    emitSignal(watched, signal);
    expect({ signal, flushed: flushSync.mock.calls.length, killed }).toEqual({
      signal,
      flushed: 1,
      killed: [[7, expected]],
    });
    remove();
    expect(watched.eventNames()).toEqual([]);
  }
});

test.for([[], ['SIGTERM']])('exit: the app emits SIGTERM with %j: nothing ends', (args) => {
  const { killed, watched } = fakeProcess('linux');
  const onSignal = vi.fn();
  const flushSync = vi.fn();
  flushAtExit({ flushSync }, { process: watched });
  watched.emit('SIGTERM', ...(args as []));
  watched.on('SIGTERM', onSignal);
  watched.emit('SIGTERM', ...(args as []));
  expect(killed).toEqual([]);
  expect(flushSync).not.toHaveBeenCalled();
  expect(onSignal.mock.calls).toEqual([args]);
  emitSignal(watched, 'SIGTERM');
  expect(flushSync).toHaveBeenCalledOnce();
});

// The worker is stopped before its own exit listeners run.
test.for([
  { way: 'process.exit()', ends: { code: 7, signal: null }, spans: 50 + 49 },
  { way: 'uncaught error', ends: { code: 1, signal: null }, spans: 50 + 49 },
  { way: 'signal', ends: { code: null, signal: 'SIGTERM' }, spans: 49 + 49 },
  {
    way: 'signal with a listener that exits',
    ends: { code: 5, signal: null },
    spans: 50 + 49,
  },
] as const)(
  'exit: $way in the main thread: the spans of a worker arrive too',
  async ({ way, ends, spans }) => {
    await using daemon = await startFakeDaemon();
    const ending = await runApp(daemon.endpoint.port, `beside a worker: ${way}`, 'SIGTERM');
    await daemon.received(spans);
    expect(ending).toEqual(ends);
    expect(daemon.flat()).toHaveLength(spans);
  },
);

test('exit: a signal with a listener flushes the worker, and the program goes on', async () => {
  await using daemon = await startFakeDaemon();
  const way = 'beside a worker: signal with a listener that goes on';
  const running = start([APP, String(daemon.endpoint.port), way]);
  await running.line(/ready/);
  running.child.kill('SIGTERM');
  await daemon.received(49 + 49);
  expect(await running.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
});

test('exit: a busy worker delays the end by at most 250 ms', async () => {
  await using daemon = await startFakeDaemon();
  const ending = await runApp(
    daemon.endpoint.port,
    'beside a busy worker: process.exit()',
    'SIGTERM',
  );
  await daemon.received(50);
  expect(ending).toEqual({ code: 7, signal: null });
  expect(daemon.flat()).toHaveLength(50);
});
