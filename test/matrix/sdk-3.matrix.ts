import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { type Finished, run, tail } from '../support/run.ts';
import { installSdk3 } from '../support/sdk-3/packages.ts';

/**
 * Tests that create spans or use the API in the process of the test. The others compare text, read files, or start
 * programs with the built package, which resolve their own packages; `test/mixing` starts such programs with SDK 3.x.
 */
const TESTS = [
  'api',
  'exporter',
  'instrumentation',
  'lambda',
  'logs',
  'propagation',
  'resource',
  'sampler',
  'start',
  'translator',
  'xray-api',
  'xray-sdk',
  'local/wire.test.ts',
  'logger.test.ts',
  'start-processor.test.ts',
];

beforeAll(installSdk3);

test('the suite passes with SDK 3.x and API 1.10 of the app', {
  timeout: 3_600_000,
  retry: 0,
}, async () => {
  const end = await run(
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'vitest.sdk-3.config.ts',
      ...TESTS.map((path) => `test/${path}`),
    ],
    { cwd: root, env: { OTEL_XRAY_TEST_RETRY: process.env['OTEL_XRAY_TEST_RETRY'] ?? '0' } },
  );
  for (const line of end.stdout.match(/^failed once, .*$/gm) ?? [])
    process.stdout.write(`${line}\n`);
  const sum = end.stdout.match(/^\d+ passed, \d+ failed/m)?.[0];
  expect(sum, failures(end)).toMatch(/^\d{4,} passed, 0 failed$/);
  expect(end.code, failures(end)).toBe(0);
});

/**
 * Returns what Vitest wrote on standard error: the failed tests with their errors; for an unknown failure, all ends.
 * The sum of the child does not begin its line, where `.ci/run` would add it up.
 */
function failures({ stdout, stderr }: Finished): string {
  const start = stderr.search(/Failed (Tests|Suites)|Unhandled Errors/);
  const text = start < 0 ? tail(stdout) + tail(stderr) : stderr.slice(start, start + 20_000);
  return text.replaceAll(/^(?=\d+ passed, )/gm, 'SDK 3.x: ');
}
