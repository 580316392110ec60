import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { FRAMEWORK_APPS, FRAMEWORK_PACKAGES } from '../support/framework-apps.ts';
import { type App, installApp } from '../support/packed.ts';
import { start } from '../support/run.ts';

let app: App;

beforeAll(async () => {
  app = await installApp(...FRAMEWORK_PACKAGES);
  for (const { file, text } of FRAMEWORK_APPS) app.file(file, text);
});
afterAll(() => app.remove());

test.for(FRAMEWORK_APPS)('$file: the server segment has its route', async ({ file, route }) => {
  await using daemon = await startFakeDaemon();
  const running = start(['--import', 'otel-xray/register', file], {
    cwd: app.folder,
    program: app.node,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_XRAY_ANNOTATIONS: 'http.route=route',
    },
  });
  const [, port] = await running.line(/^listening on (\d+)$/);
  const response = await fetch(`http://127.0.0.1:${port}/shop/orders/7`);
  expect(await response.json()).toEqual({ id: '7' });
  const end = await running.stop();
  // Nest has a segment of its own for its start.
  const servers = () => daemon.flat().filter(({ type, http }) => type === undefined && http);
  await daemon.until(() => servers().length > 0);

  expect(end.stderr).toBe('');
  expect(servers()).toMatchObject([{ name: 'shop', annotations: { route } }]);
});
