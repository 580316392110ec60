import { join } from 'node:path';
import { expect } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';
import { REQUESTS } from './requests.ts';
import { type ServerRun, serverRun } from './server-run.ts';
import { callsFirst, traceText } from './trace-text.ts';

/** The folder of the programs, which are copied into an app with their packages. */
export const PROGRAMS: string = join(import.meta.dirname, 'programs');

const GOLDEN = join(import.meta.dirname, '../matrix/golden/apps');
const REGISTER: readonly string[] = ['--import', 'otel-xray/register'];

type Environment = Readonly<Record<string, string>>;

/** Runs one of the programs and sends its requests. */
function programRun(
  folder: string,
  name: string,
  flags: readonly string[],
  env: Environment,
): Promise<ServerRun> {
  const server = {
    folder,
    args: [...flags, `${name}.mjs`],
    // Some servers answer with stacks otherwise.
    env: { NODE_ENV: 'production', OTEL_SERVICE_NAME: name, ...env },
    ready: /^port (\d+)$/,
  };
  return serverRun(server, REQUESTS[name] ?? []);
}

/** Compares a program with and without otel-xray, and its trace with the reviewed one. */
export async function checkProgram(
  folder: string,
  name: string,
  env: Environment = {},
): Promise<void> {
  const without = await programRun(folder, name, [], env);
  const traced = await programRun(folder, name, REGISTER, env);
  expect(traced.answers).toEqual(without.answers);
  expect(traced.end).toEqual(without.end);
  await checkTrace(traced, name);
}

/** Compares a program that runs its tasks and ends, with and without otel-xray, and its trace. */
export async function checkScheduled(
  { folder, program }: { readonly folder: string; readonly program: string },
  name: string,
): Promise<void> {
  await using daemon = await startFakeDaemon();
  const env = {
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
    OTEL_SERVICE_NAME: 'stock',
    OTEL_TRACES_SAMPLER: 'always_on',
  };
  const options = { cwd: folder, program, env };
  const without = await run([`${name}.mjs`], options);
  const traced = await run([...REGISTER, `${name}.mjs`], options);
  expect(traced).toEqual(without);
  await checkTrace({ trace: traceText(daemon.flat()) }, name);
}

/** Compares the trace of a program with middleware with the reviewed one. */
export async function checkMiddleware(folder: string, name: string): Promise<void> {
  const env = { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' };
  await checkTrace(await programRun(folder, name, REGISTER, env), `${name}-with-middleware`);
}

/** A subsegment for a command of Redis, as an app that sends messages by them has it. */
const REDIS = '127.0.0.1  remote';

async function checkTrace({ trace }: { readonly trace: string }, name: string): Promise<void> {
  const text = name === 'nest-redis' ? callsFirst(trace, REDIS) : trace;
  await expect(`${text}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
}
