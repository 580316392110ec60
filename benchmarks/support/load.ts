import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { preload } from './preload.ts';
import type { Sink } from './sink.ts';

const SERVER = join(import.meta.dirname, '../subjects/server.cjs');
const WARM_UP = 4_000;
const REQUESTS = 12_000;
const CONNECTIONS = 16;

/** Servers without tracing, measured once a run for each framework. */
const bareCpu = new Map<string, number>();

/**
 * CPU time of a traced server's process per request, less that of the same server without tracing.
 *
 * @returns microseconds
 */
export async function serverCpu(framework: string, subject: string, sink: Sink): Promise<number> {
  if (!bareCpu.has(framework)) bareCpu.set(framework, await cpuPerRequest(framework, 'bare', sink));
  return (await cpuPerRequest(framework, subject, sink)) - (bareCpu.get(framework) ?? 0);
}

async function cpuPerRequest(framework: string, subject: string, sink: Sink): Promise<number> {
  const { flags, env } = preload(subject, sink);
  const child = fork(SERVER, [framework], {
    execArgv: [...flags],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await load(port, agent, WARM_UP);
  const before = await cpuOf(child);
  await load(port, agent, REQUESTS);
  const after = await cpuOf(child);
  agent.destroy();
  child.kill('SIGKILL');
  await once(child, 'exit');
  sink.take();
  return (after - before) / REQUESTS;
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
  return cpu;
}

async function load(port: number, agent: Agent, requests: number): Promise<void> {
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one(port, agent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

function one(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/orders/17?page=2', agent }, (response) => {
      response.resume().on('end', resolve);
    }).on('error', reject);
  });
}
