import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { preload } from './preload.ts';
import type { Sink } from './sink.ts';

const run = promisify(execFile);
const subjects = join(import.meta.dirname, '../subjects');

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

/**
 * Starts the function of the benchmarks in a process of its own.
 *
 * @param invocations how often it is called
 * @returns what `subjects/lambda-runtime.cjs` prints
 * @throws {Error} if a subject has sent nothing
 */
export async function runFunction<Printed>(
  subject: string,
  sink: Sink,
  invocations: number,
): Promise<Printed> {
  const { flags, env } = preload(subject, sink);
  // In Lambda, the request contains the sampling decision.
  const { OTEL_TRACES_SAMPLER: _, ...settings } = env;
  const script = join(subjects, 'lambda-runtime.cjs');
  const args = [...flags, script, `${process.hrtime.bigint()}`, `${invocations}`];
  const { stdout } = await run(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...LAMBDA, ...settings },
  });
  await new Promise(setImmediate);
  const { datagrams } = sink.take();
  if (datagrams === 0 && subject !== 'bare') throw new Error(`${subject} has sent nothing`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
}
