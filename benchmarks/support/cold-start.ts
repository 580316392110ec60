import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { preload } from './preload.ts';
import { scaled } from './quick.ts';
import type { Sink } from './sink.ts';
import { median } from './start.ts';

const run = promisify(execFile);
const subjects = join(import.meta.dirname, '../subjects');
const STARTS = scaled(7, 3);

/** Environment that Lambda sets for a function. */
const LAMBDA = {
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: 'eu-west-1',
  LAMBDA_TASK_ROOT: join(subjects, 'function'),
  _HANDLER: 'index.handler',
};

/** Milliseconds from the start of the process to the handler, and from its end to the response. */
interface ColdStart {
  readonly entered: number;
  readonly flush: number;
}

/** Returns the time that a subject adds until the handler runs; subject and bare function alternate. */
export async function addedToColdStart(subject: string, sink: Sink): Promise<number> {
  const bare: number[] = [];
  const traced: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    bare.push((await once('bare', sink)).entered);
    traced.push((await once(subject, sink)).entered);
  }
  return median(traced) - median(bare);
}

/** Returns how long the first response waits until its trace is sent. */
export async function firstFlush(subject: string, sink: Sink): Promise<number> {
  const flushes: number[] = [];
  for (let start = 0; start < STARTS; start += 1) flushes.push((await once(subject, sink)).flush);
  return median(flushes);
}

async function once(subject: string, sink: Sink): Promise<ColdStart> {
  const { flags, env } = preload(subject, sink);
  // In Lambda, the request contains the sampling decision.
  const { OTEL_TRACES_SAMPLER: _, ...settings } = env;
  const args = [...flags, join(subjects, 'lambda-runtime.cjs'), `${process.hrtime.bigint()}`];
  const { stdout } = await run(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...LAMBDA, ...settings },
  });
  await new Promise(setImmediate);
  const { datagrams } = sink.take();
  if (datagrams === 0 && subject !== 'bare') throw new Error(`${subject} has sent nothing`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
}
