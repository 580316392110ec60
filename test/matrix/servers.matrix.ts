import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { normalDocuments } from '../support/normal-documents.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { hasServers, type Servers, startServers } from '../support/servers.ts';
import { SERVER_APP_PACKAGES, serverAppText } from './server-app.ts';

const GOLDEN = join(import.meta.dirname, 'golden/servers.json');

describe.runIf(hasServers())('an app with real servers', () => {
  let app: App;
  let servers: Servers;

  beforeAll(async () => {
    [app, servers] = await Promise.all([installApp(...SERVER_APP_PACKAGES), startServers()]);
    for (const form of ['cjs', 'mjs'] as const) app.file(`app.${form}`, serverAppText(form));
  });
  afterAll(async () => {
    await servers?.[Symbol.asyncDispose]();
    app?.remove();
  });

  test.for(['app.cjs', 'app.mjs'])('%s: trace', async (file) => {
    await using daemon = await startFakeDaemon();
    await fetch(`http://127.0.0.1:${servers.ports.moto}/moto-api/reset`, { method: 'POST' });
    const ports = Object.entries(servers.ports).map(([name, port]) => [`PORT_${name}`, `${port}`]);
    const end = await run(['--import', 'otel-xray/register', file], {
      cwd: app.folder,
      env: {
        ...Object.fromEntries(ports),
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        AWS_XRAY_COLLECT_SQL_QUERIES: '1',
        OTEL_SERVICE_NAME: 'orders',
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    await daemon.until(({ flat }) =>
      flat().some(({ type, parent_id }) => type === undefined && parent_id === undefined),
    );
    const text = `${JSON.stringify(normalDocuments(daemon.flat()), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(GOLDEN);
  });
});
