import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { type Client, connectClient } from './client.ts';
import { preload } from './preload.ts';
import { scaled } from './quick.ts';
import { arrived, type Sink } from './sink.ts';

const SERVER = join(import.meta.dirname, '../subjects/server.cjs');
const WARM_UP = scaled(40_000, 12_000);
/** Duration of one turn; the two servers alternate because the speed of the machine varies. */
const TURNS = scaled(30, 10);
/**
 * Requests per turn: few enough for the queue of every subject, so that none gains by dropping spans.
 * The lengths vary, because turns in step with V8's minor collections would distort the figures.
 */
const REQUESTS_PER_TURN = [500, 900, 700, 1_300, 1_100];
/**
 * Fixes the size of the young generation. V8 may grow it several times larger in one process than in
 * another, and each minor collection costs up to 8 µs per request.
 */
export const SAME_HEAP: readonly string[] = [
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
];
/** Interval between two checks for arriving datagrams. */
const LOOK_MS = 10;
/**
 * The same before and after the turns. dd-trace sends every two seconds: datagrams that are pending at
 * the end were pending at the start as well.
 */
const LAST_LOOK_MS = 100;

/** A subject in a server, and its baseline. */
export interface Load {
  readonly framework: string;
  readonly subject: string;
  /** Baseline: runs in place of the subject. */
  readonly base: string;
  /** Datagrams per request, if known; if fewer arrive, there is no figure. */
  readonly datagrams?: number | undefined;
}

/**
 * Measures the CPU time of a server process per request, including later exports, minus that of the same
 * server with `base` instead of the subject.
 *
 * @returns microseconds
 * @throws {Error} if spans were lost
 */
export async function addedCpu(
  { framework, subject, base, datagrams = 0 }: Load,
  sink: Sink,
): Promise<number> {
  const children: ChildProcess[] = [];
  try {
    const without = await started(framework, base, sink, children);
    const traced = await started(framework, subject, sink, children);
    await arrived(sink, LAST_LOOK_MS);
    const before = await Promise.all([cpuOf(without), cpuOf(traced)]);
    let requests = 0;
    let received = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const some = REQUESTS_PER_TURN[turn % REQUESTS_PER_TURN.length] as number;
      await without.client.ask(some);
      requests += await traced.client.ask(some);
      received += await arrived(sink, LOOK_MS);
    }
    received += await arrived(sink, LAST_LOOK_MS);
    const after = await Promise.all([cpuOf(without), cpuOf(traced)]);
    if (received < requests * datagrams) {
      throw new Error(`${subject}: ${received} datagrams of ${requests} requests`);
    }
    return (after[1] - before[1] - (after[0] - before[0])) / requests;
  } finally {
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    sink.take();
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly client: Client;
}

/** Starts a server and warms it up. */
async function started(
  framework: string,
  subject: string,
  sink: Sink,
  children: ChildProcess[],
): Promise<Server> {
  const { flags, env } = preload(subject, sink);
  const child = fork(SERVER, [framework], {
    execArgv: [...SAME_HEAP, ...flags],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  children.push(child);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const client = await connectClient(port);
  // An exporter opens its socket after the first span; V8 promotes what waits for it.
  await passed(LAST_LOOK_MS);
  await client.ask(WARM_UP);
  return { child, client };
}

async function cpuOf({ child }: Server): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
  return cpu;
}
