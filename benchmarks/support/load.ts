import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { preload } from './preload.ts';
import type { Sink } from './sink.ts';

const SERVER = join(import.meta.dirname, '../subjects/server.cjs');
const WARM_UP = 15_000;
const REQUESTS = 30_000;
const CONNECTIONS = 32;
/**
 * Requests on their way in each connection. A server that answers one at a time wakes the load
 * generator with each answer, which costs it more than tracing does, and more the slower it is.
 */
const PIPELINED = 8;

/**
 * CPU time of a server's process per request, less that of the same server with `base` in place of
 * the subject.
 *
 * @returns microseconds
 */
export async function addedCpu(
  framework: string,
  { subject, base }: { readonly subject: string; readonly base: string },
  sink: Sink,
): Promise<number> {
  const without = await cpuPerRequest(framework, base, sink);
  return (await cpuPerRequest(framework, subject, sink)) - without;
}

async function cpuPerRequest(framework: string, subject: string, sink: Sink): Promise<number> {
  const { flags, env } = preload(subject, sink);
  const child = fork(SERVER, [framework], {
    execArgv: [...flags],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    await load(port, WARM_UP);
    const before = await cpuOf(child);
    const served = await load(port, REQUESTS);
    return ((await cpuOf(child)) - before) / served;
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    sink.take();
  }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
  return cpu;
}

/** @returns how many requests were answered */
async function load(port: number, amount: number): Promise<number> {
  const { '2xx': answered } = await autocannon({
    url: `http://127.0.0.1:${port}/orders/17?page=2`,
    connections: CONNECTIONS,
    pipelining: PIPELINED,
    amount,
  });
  return answered;
}
