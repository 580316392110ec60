import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { hasServers, startServers } from '../../test/support/servers.ts';
import { preload } from './preload.ts';
import { isQuick, scaled } from './quick.ts';
import type { Sink } from './sink.ts';

const APP = join(import.meta.dirname, '../subjects/shop.cjs');
const SHOP = join(import.meta.dirname, '../peers/shop');
/** Low enough that the app is idle most of the time, as real ones are. */
const REQUESTS_PER_SECOND = 200;
/** Requests that a young shop has answered. */
const YOUNG = 3_000;
const YOUNG_TURNS = 5;
/**
 * Requests after which the shop is as fast as after hours: V8 has optimized the code of each request.
 * See docs/rationale.md.
 */
const WARM = scaled(30_000, 6_000);
const WARM_TURNS = scaled(10, 4);
/** Requests at the same time while the shop is warmed up. */
const WARM_UP_CLIENTS = 16;
const REQUESTS_PER_TURN = 200;
/** A busy machine falls behind, and the kernel resets connections that wait in a row of hundreds. */
const MAX_SOCKETS = 64;
/** Of one request. */
const MAX_RESETS = 3;

/** What tracing adds to the shop. */
export interface ShopCost {
  /** CPU time in microseconds per request. */
  readonly cpu: number;
  /** Milliseconds that the 99th percentile of the response times grows. */
  readonly p99: number;
}

/** What tracing adds to the shop at different ages. */
export interface ShopCosts {
  /** Soon after its start, while V8 compiles; absent in a quick run. */
  readonly young: ShopCost | undefined;
  readonly warm: ShopCost;
}

let isInstalled: boolean | undefined;

/** Whether everything that the shop needs is installed; prints one line if not. */
export function hasShop(): boolean {
  isInstalled ??= areAllInstalled();
  return isInstalled;
}

function areAllInstalled(): boolean {
  if (!arePackagesInstalled()) {
    process.stderr.write(
      'skipped: shop; its packages are missing or have other versions: run npm run bench:peers\n',
    );
    return false;
  }
  return hasServers(['postgres', 'redis']);
}

/** Other versions may not be traced by all subjects. */
function arePackagesInstalled(): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(SHOP, 'package.json'), 'utf8'));
  return Object.entries(dependencies).every(([name, version]) => {
    const file = join(SHOP, 'node_modules', name, 'package.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
  });
}

/** Measures what a subject adds to an Express shop with PostgreSQL and Redis at a fixed rate of requests. */
export async function addedToShop(subject: string, sink: Sink): Promise<ShopCosts> {
  await using servers = await startServers(['postgres', 'redis']);
  const ports = [servers.ports.postgres, servers.ports.redis].map(String);
  const children: ChildProcess[] = [];
  try {
    const plain = await started('bare', ports, sink, children);
    const traced = await started(subject, ports, sink, children);
    const young = isQuick ? undefined : await addedAfter(YOUNG, YOUNG_TURNS, plain, traced);
    return { young, warm: await addedAfter(WARM, WARM_TURNS, plain, traced) };
  } finally {
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    sink.take();
  }
}

/**
 * Measures when both shops have answered so many requests. The shop with and the one without the subject
 * have turns of one second.
 */
async function addedAfter(
  requests: number,
  turns: number,
  plain: Shop,
  traced: Shop,
): Promise<ShopCost> {
  for (const shop of [plain, traced]) await warmUp(shop, requests);
  const before = await Promise.all([plain, traced].map(cpuOf));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const shop of [plain, traced]) await load(shop, REQUESTS_PER_TURN, REQUESTS_PER_SECOND);
  }
  // What is exported later also counts.
  await passed(300);
  const [withoutCpu = 0, withCpu = 0] = await Promise.all([plain, traced].map(cpuOf));
  const added = withCpu - (before[1] as number) - (withoutCpu - (before[0] as number));
  return { cpu: added / (turns * REQUESTS_PER_TURN), p99: p99Of(traced) - p99Of(plain) };
}

interface Shop {
  readonly child: ChildProcess;
  readonly port: number;
  readonly agent: Agent;
  /** Response times in milliseconds. */
  readonly latencies: number[];
  sent: number;
}

async function started(
  subject: string,
  ports: readonly string[],
  sink: Sink,
  children: ChildProcess[],
): Promise<Shop> {
  const { flags, env } = preload(subject, sink);
  const child = fork(APP, ports, {
    execArgv: [...flags],
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return { child, port, agent, latencies: [], sent: 0 };
}

/** Lets the shop answer requests until it has had so many, as fast as it can. */
async function warmUp(shop: Shop, requests: number): Promise<void> {
  const askRepeatedly = async (): Promise<void> => {
    while (shop.sent < requests) await ask(shop, performance.now());
  };
  await Promise.all(Array.from({ length: WARM_UP_CLIENTS }, askRepeatedly));
  shop.latencies.length = 0;
}

/**
 * Sends requests at a fixed rate, whether or not earlier ones are answered.
 *
 * @throws the error of the first request without a response, when all others have theirs
 */
async function load(shop: Shop, requests: number, perSecond: number): Promise<void> {
  const begin = performance.now();
  const answers: Promise<void>[] = [];
  const failures: unknown[] = [];
  while (answers.length < requests) {
    const due = Math.min(requests, ((performance.now() - begin) * perSecond) / 1_000);
    while (answers.length < due) {
      const dueMs = begin + (answers.length / perSecond) * 1_000;
      // Handled at once: otherwise, a failure would end the process while later requests are sent.
      answers.push(ask(shop, dueMs).catch((error: unknown) => void failures.push(error)));
    }
    await passed(1);
  }
  await Promise.all(answers);
  if (failures.length > 0) throw failures[0];
}

/** Sends the next request, again if the kernel of a busy machine resets its connection. */
async function ask(shop: Shop, dueMs: number): Promise<void> {
  const number = shop.sent;
  shop.sent += 1;
  for (let resets = 0; !(await isAnswered(shop, number)); resets += 1) {
    if (resets === MAX_RESETS)
      throw new Error(`request ${number}: connection reset ${resets + 1} times`);
  }
  shop.latencies.push(performance.now() - dueMs);
}

/**
 * Sends a request. One in five is an order, one in fifty fails; one in twenty products does not exist.
 *
 * @returns false if the connection was reset
 */
async function isAnswered(shop: Shop, number: number): Promise<boolean> {
  const product = 1 + ((number * 7) % 210);
  const isOrder = number % 5 === 0;
  const body = isOrder ? JSON.stringify({ product, count: number % 50 === 0 ? 10 : 1 }) : undefined;
  const call = request({
    agent: shop.agent,
    host: '127.0.0.1',
    port: shop.port,
    method: isOrder ? 'POST' : 'GET',
    path: isOrder ? '/orders' : `/products/${product}`,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  // Also for an error after the response, which no `once` waits for.
  call.on('error', () => {});
  call.end(body);
  try {
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return false;
    throw error;
  }
}

async function cpuOf({ child }: Shop): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
  return cpu;
}

function p99Of({ latencies }: Shop): number {
  const sorted = [...latencies].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
