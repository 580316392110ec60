import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { connectClient } from './client.ts';
import { preload } from './preload.ts';
import { scaled } from './quick.ts';
import type { Sink } from './sink.ts';
import { median } from './start.ts';

const SERVER = join(import.meta.dirname, '../subjects/server.cjs');
/** The same rate for all subjects: V8 keeps more memory the faster an app allocates. A step is 64 requests. */
const STEPS = scaled(100, 50);
const STEP_MS = 64;
/** The young generation fills and empties; the median of the last steps counts. */
const MEASURED_STEPS = 20;

/**
 * Measures what a subject adds to the resident memory of an Express server that answers requests at a
 * fixed rate, with the default heap of V8.
 *
 * @returns megabytes
 */
export async function addedToServer(subject: string, sink: Sink): Promise<number> {
  const without = await memoryUnderLoad('bare', sink);
  const traced = await memoryUnderLoad(subject, sink);
  sink.take();
  return traced - without;
}

async function memoryUnderLoad(subject: string, sink: Sink): Promise<number> {
  const { flags, env } = preload(subject, sink);
  const child = fork(SERVER, ['express'], {
    execArgv: [...flags],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const client = await connectClient(port);
    const megabytes: number[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      const next = passed(STEP_MS);
      await client.ask(1);
      child.send('memory');
      const [{ rss }] = (await once(child, 'message')) as [{ rss: number }];
      megabytes.push(rss / 1024 / 1024);
      await next;
    }
    return median(megabytes.slice(-MEASURED_STEPS));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
