import { afterAll, beforeAll, expect, test } from 'vitest';
import { tooNew } from '../../src/instrumentation/known-versions.ts';
import { INSTRUMENTATIONS } from '../../src/instrumentation/table.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';

test.for([
  { packageName: 'mongodb', version: '8.0.0', below: '8' },
  { packageName: 'mongodb', version: '8.0.0-beta.1', below: '8' },
  { packageName: 'mongodb', version: '7.99.9', below: undefined },
  // Traced by what they publish, whatever the version.
  { packageName: 'graphql', version: '18.0.0', below: undefined },
  { packageName: '@redis/client', version: '7.0.0', below: undefined },
  { packageName: 'openai', version: '10.0.0', below: undefined },
  { packageName: 'fastify', version: '6.0.0', below: '6' },
  { packageName: 'pg-pool', version: '4.0.0', below: '4' },
  // Older than known is no change that an update brought.
  { packageName: 'express', version: '3.0.0', below: undefined },
  // Made of @redis/client, which is what is instrumented.
  { packageName: 'redis', version: '6.3.1', below: undefined },
  // Known without an end.
  { packageName: '@smithy/core', version: '99.0.0', below: undefined },
  { packageName: 'unknown', version: '1.0.0', below: undefined },
])('$packageName $version is unsupported from $below on', ({ packageName, version, below }) => {
  expect(tooNew(packageName, version, INSTRUMENTATIONS)?.below).toBe(below);
});

let app: App;

beforeAll(async () => {
  app = await installApp(
    '@opentelemetry/api@1.9.1',
    'graphql@17.1.0',
    'newer@npm:@opentelemetry/api@1.10.0',
  );
  app.file('node_modules/mongodb/package.json', '{"name":"mongodb","version":"8.0.1"}');
  app.file('node_modules/mongodb/index.js', "require('./lib.js');");
  app.file('node_modules/mongodb/lib.js', '');
  app.file('graphql.cjs', "require('graphql');");
  app.file('graphql.mjs', "import 'graphql';");
  app.file('mongodb.cjs', "require('mongodb'); require('mongodb/lib.js');");
  app.file('mongodb.mjs', "import 'mongodb';");
  // Libraries that bring their own copy of the API, in either form.
  const copy = 'node_modules/library/node_modules/@opentelemetry/api';
  for (const [form, entry] of [
    ['cjs', "require('@opentelemetry/api')"],
    ['mjs', "import '@opentelemetry/api'"],
  ] as const) {
    app.file(`node_modules/library/index.${form}`, `${entry};`);
    app.file(
      `library.${form}`,
      form === 'cjs' ? "require('library/index.cjs');" : "import 'library/index.mjs';",
    );
  }
  app.file('node_modules/library/package.json', '{"name":"library","version":"1.0.0"}');
  app.file('import-library.cjs', "import('library/index.mjs');");
  app.move('node_modules/newer', copy);
});
afterAll(() => app.remove());

async function messages(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  await using daemon = await startFakeDaemon();
  const end = await run(['--import', 'otel-xray/register', file], {
    cwd: app.folder,
    program: app.node,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'app',
      ...env,
    },
  });
  expect(end).toMatchObject({ code: 0, stdout: '' });
  return end.stderr;
}

test.for([
  { file: 'mongodb.cjs', name: 'mongodb', version: '8.0.1', below: '8' },
  { file: 'mongodb.mjs', name: 'mongodb', version: '8.0.1', below: '8' },
])(
  '$file: one warning for a package that is too new for its instrumentation',
  async ({ file, name, version, below }) => {
    expect(await messages(file)).toBe(
      `warn otel-xray: ${name} ${version} is not instrumented: instrumentation ${name} supports versions below ${below}. ` +
        `Look for a newer otel-xray, or use ${name} below ${below}; ` +
        `OTEL_NODE_DISABLED_INSTRUMENTATIONS=${name} ends this message.\n`,
    );
  },
);

test.for(['graphql.cjs', 'graphql.mjs'])(
  '%s: no warning for a library with channels',
  async (file) => {
    expect(await messages(file)).toBe('');
  },
);

test('no warning if the app has its own instrumentation, which may support the version', async () => {
  app.file(
    'own-mongodb.cjs',
    "require('@opentelemetry/api').trace.getTracer('@opentelemetry/instrumentation-mongodb');\nrequire('mongodb');",
  );
  expect(await messages('own-mongodb.cjs')).toBe('');
});

test('no warning for an instrumentation that is disabled', async () => {
  expect(await messages('mongodb.cjs', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'mongodb' })).toBe(
    '',
  );
});

test.for(['library.cjs', 'library.mjs', 'import-library.cjs'])(
  '%s: one warning for a library with a newer copy of the API',
  async (file) => {
    expect(await messages(file)).toMatch(
      /^warn otel-xray: \S+\/library\/node_modules\/@opentelemetry\/api is version 1\.10\.0, newer than the 1\.9\.1 that traces this app: spans made with it are lost\. Install one copy only: npm install @opentelemetry\/api@1\.10\.0, then npm dedupe\.\n$/,
    );
  },
);
