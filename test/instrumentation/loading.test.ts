import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { outline } from '../support/outline.ts';
import type { App } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { installLoadingApps, LOADING_APPS } from './loading-apps.ts';

let app: App;

beforeAll(async () => {
  app = await installLoadingApps();
});
afterAll(() => app.remove());

test.for(LOADING_APPS)('spans come from $rule', async ({ file, args = [], trace }) => {
  await using daemon = await startFakeDaemon();
  const end = await run([...args, '--import', 'otel-xray/register', file], {
    cwd: app.folder,
    program: app.node,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'loads',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  expect(end).toMatchObject({ code: 0, stderr: '' });
  await daemon.received(trace.length);
  expect(outline(daemon.flat())).toEqual(trace);
});
