import { afterAll, beforeAll, expect, test } from 'vitest';
import { installLoadingApps, LOADING_APPS } from '../instrumentation/loading-apps.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { installedNode, NODES } from '../support/nodes.ts';
import { outline } from '../support/outline.ts';
import type { App } from '../support/packed.ts';
import { run } from '../support/run.ts';

const CASES = NODES.flatMap((node) =>
  LOADING_APPS.filter(({ since }) => since?.(node) ?? true).map((each) => ({ node, ...each })),
);
let app: App;

beforeAll(async () => {
  app = await installLoadingApps();
});
afterAll(() => app.remove());

test.for(CASES)('Node $node: spans come from $rule', async ({ node, file, args = [], trace }) => {
  await using daemon = await startFakeDaemon();
  const end = await run([...args, '--import', 'otel-xray/register', file], {
    cwd: app.folder,
    program: await installedNode(node),
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
