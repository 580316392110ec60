import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { installedNode } from '../support/nodes.ts';
import { run } from '../support/run.ts';

const REGISTER = join(import.meta.dirname, '../../dist/register.cjs');
const PROGRAM = join(import.meta.dirname, 'programs/imported-pino.mjs');

/** Node keeps the exports of a CommonJS module for `import`, at different times in these cases. */
const CASES = ['20.19.6', '22.15.1', process.versions.node].flatMap((version) =>
  ['imported', 'required first'].map((way) => ({ version, way })),
);

test.for(CASES)(
  'Node $version: pino, $way, is the traced one for an ES module',
  async ({ version, way }) => {
    await using daemon = await startFakeDaemon();
    const end = await run(['--import', REGISTER, PROGRAM, way], {
      program: await installedNode(version),
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_SERVICE_NAME: 'app',
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    const { msg, ...line } = JSON.parse(end.stdout);
    expect(line).toMatchObject({ trace_id: msg });
  },
);
