import { expect } from 'vitest';
import { traceText } from '../apps/trace-text.ts';
import { startFakeDaemon } from './fake-daemon.ts';
import { type RunOptions, run } from './run.ts';

/** Runs an app, which must end without output, and returns the lines of its traces. */
export async function tracesOf(
  args: readonly string[],
  { env, ...options }: Pick<RunOptions, 'cwd' | 'input' | 'env'> = {},
): Promise<readonly string[]> {
  await using daemon = await startFakeDaemon();
  const end = await run(['--no-warnings', ...args], {
    ...options,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  expect(end).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  await daemon.drained();
  return traceText(daemon.flat()).split('\n');
}
