import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { type Client, connectClient } from './client.ts';
import { preload } from './preload.ts';
import type { Sink } from './sink.ts';

const SERVER = join(import.meta.dirname, '../subjects/server.cjs');
const WARM_UP = 40_000;
/** The two servers take turns, as the machine is faster in one second than in the next. */
const TURNS = 30;
/**
 * Few enough for every subject's queue, so that none gains by what it drops. Of many lengths: in
 * step with V8's quick collections, they would find each time much or each time nothing alive.
 */
const REQUESTS_PER_TURN = [500, 900, 700, 1_300, 1_100];
/**
 * V8 lets the young heap of one process grow to several times that of another, by chance, and each
 * quick collection costs: up to 8 µs a request. So all have one size.
 */
const SAME_HEAP = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
/** Between two looks whether still something arrives. */
const LOOK_MS = 10;
/**
 * The same before and behind the turns. dd-trace sends every two seconds: what it has left at the
 * end, it had left at the begin as well.
 */
const LAST_LOOK_MS = 100;

/** A subject in a server, and what its figure is compared with. */
export interface Load {
  readonly framework: string;
  readonly subject: string;
  /** In place of the subject. */
  readonly base: string;
  /** Datagrams that each request becomes, where it is known: if fewer arrive, there is no figure. */
  readonly datagrams?: number | undefined;
}

/**
 * CPU time of a server's process per request, what it exports afterwards included, less that of the
 * same server with `base` in place of the subject.
 *
 * @returns microseconds
 * @throws {Error} when spans were lost
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

/** Starts a server, notes its process, and warms it up. */
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
  // An exporter opens its socket after the first span. What waits for it V8 takes for long-lived.
  await passed(LAST_LOOK_MS);
  await client.ask(WARM_UP);
  return { child, client };
}

/** @returns how many datagrams came until nothing came any more */
async function arrived(sink: Sink, lookMs: number): Promise<number> {
  let all = 0;
  for (;;) {
    await passed(lookMs);
    const { datagrams, posts } = sink.take();
    if (datagrams + posts === 0) return all;
    all += datagrams;
  }
}

async function cpuOf({ child }: Server): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
  return cpu;
}
