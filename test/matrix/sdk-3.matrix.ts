import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { run } from '../support/run.ts';
import { installSdk3 } from '../support/sdk-3/packages.ts';

/** Folders with tests that create spans or use the API in the process of the test. */
const FOLDERS = [
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
];

beforeAll(installSdk3);

test('the suite passes with SDK 3.x and API 1.10 of the app', { timeout: 900_000 }, async () => {
  const end = await run(
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'vitest.sdk-3.config.ts',
      ...FOLDERS.map((folder) => `test/${folder}`),
      'test/logger.test.ts',
    ],
    { cwd: root },
  );
  expect(end.stdout.match(/^\d+ passed, \d+ failed/m)?.[0]).toMatch(/^\d{4,} passed, 0 failed$/);
  expect(end.code).toBe(0);
});
