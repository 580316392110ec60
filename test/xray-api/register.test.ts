import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startRecordingXRay } from '../support/recording-xray.ts';
import { run } from '../support/run.ts';

const APP = resolve(import.meta.dirname, '../support/transport-app.mjs');

/** Runs the app with the flag. */
const runApp = (ending: string, url: string, env: Readonly<Record<string, string>>) =>
  run(['--import', join(root, 'dist/register.cjs'), APP, ending], {
    cwd: root,
    env: {
      AWS_ENDPOINT_URL_XRAY: url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_LOG_LEVEL: 'info',
      ...env,
    },
  });

const TASKS = Array.from({ length: 10 }, (_, number) => `task ${number}`);

test.for([
  { ending: 'natural end', code: 0, signal: null },
  { ending: 'process.exit()', code: 3, signal: null },
  { ending: 'uncaught error', code: 1, signal: null },
  { ending: 'SIGTERM', code: null, signal: 'SIGTERM' },
])('transport api, $ending: everything is sent before the process ends', async (row) => {
  const names: string[] = [];
  await using xray = await startRecordingXRay(({ documents }) => {
    names.push(...documents.map(({ name }) => name));
    return {};
  });
  const { code, signal, stderr } = await runApp(row.ending, xray.url, {
    OTEL_XRAY_TRANSPORT: 'api',
  });
  expect({ code, signal }).toEqual({ code: row.code, signal: row.signal });
  expect(names.sort()).toEqual(TASKS);
  expect(stderr).toContain('transport api (OTEL_XRAY_TRANSPORT)');
});

test('transport auto without a daemon: sends to the API and logs it', async () => {
  await using xray = await startRecordingXRay();
  const { stderr } = await runApp('three seconds later', xray.url, {
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
  });
  expect(xray.accepted).toHaveLength(10);
  expect(stderr).toContain('sending to X-Ray itself, region eu-west-1');
});

test('transport auto: a short program without a daemon calls nothing, with rules neither', async () => {
  await using xray = await startRecordingXRay();
  const { code } = await runApp('natural end', xray.url, {
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
    OTEL_TRACES_SAMPLER: 'xray',
  });
  expect({ code, calls: xray.calls.length }).toEqual({ code: 0, calls: 0 });
});

test('transport udp without a daemon: nothing is sent to the API', async () => {
  await using xray = await startRecordingXRay();
  await runApp('three seconds later', xray.url, {
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
    OTEL_XRAY_TRANSPORT: 'udp',
  });
  expect(xray.calls).toEqual([]);
});
