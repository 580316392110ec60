import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FORMS, ownInstrumentations, SDK_LINES, serviceText } from '../mixing/apps.ts';
import { type FakeDaemon, startFakeDaemon } from '../support/fake-daemon.ts';
import { installedNode, NODES } from '../support/nodes.ts';
import { normalDocuments } from '../support/normal-documents.ts';
import { type App, installApp } from '../support/packed.ts';
import { start } from '../support/run.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

/** OpenTelemetry packages of the app: none, SDK 2.x with API 1.9, SDK 3.x with API 1.10. */
const SETTINGS = [{ line: 'none', packages: ['express@5.3.0'] }, ...SDK_LINES];
const APPS = [
  { name: 'plain', documents: 'documents.json' },
  { name: 'instrumentations', documents: 'documents-of-own-instrumentations.json' },
] as const;

const CASES = NODES.flatMap((node) =>
  FORMS.flatMap((form) => APPS.map((app) => ({ node, form, ...app }))),
);

describe.for(SETTINGS)('an app with OpenTelemetry $line', ({ line, packages }) => {
  let app: App;
  const programs = new Map<string, string>();

  beforeAll(async () => {
    for (const node of NODES) programs.set(node, await installedNode(node));
    app = await installApp(...packages);
    for (const form of FORMS) {
      app.file(`instrumentations.${form}`, ownInstrumentations(form));
      app.file(`plain-app.${form}`, serviceText(form));
      app.file(`instrumentations-app.${form}`, serviceText(form, 'instrumentations'));
    }
  });
  afterAll(() => app.remove());

  async function visit(file: string, node: string, daemon: FakeDaemon): Promise<string> {
    const running = start(['--import', 'otel-xray/register', file], {
      cwd: app.folder,
      program: programs.get(node) as string,
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_SERVICE_NAME: 'mixed',
        OTEL_TRACES_SAMPLER: 'always_on',
        OTEL_XRAY_ANNOTATIONS: 'http.route=route',
      },
    });
    const [, port] = await running.line(/^listening on (\d+)$/);
    const response = await fetch(`http://127.0.0.1:${port}/call`);
    expect(await response.json()).toEqual({ status: 200 });
    return (await running.stop()).stderr;
  }

  // SDK 3.x needs Node 22.15 or later.
  const cases = CASES.filter(
    ({ node, name }) =>
      name === 'plain' || (line !== 'none' && !(line === '3.x' && node.startsWith('20.'))),
  );

  test.for(cases)('Node $node, $name-app.$form', async ({ node, form, name, documents }) => {
    await using daemon = await startFakeDaemon();
    const stderr = await visit(`${name}-app.${form}`, node, daemon);
    await daemon.received(6);
    expect(stderr).toBe('');
    const text = `${JSON.stringify(normalDocuments(daemon.flat()), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(GOLDEN, documents));
  });
});
