import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTrace } from '../libraries/check-trace.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { hasServers, type Servers, startServers } from '../support/servers.ts';

/** `@prisma/instrumentation` 6 accepts newer ones, which need a newer API. */
const PACKAGES = [
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/instrumentation@0.223.0',
  'pg@8.23.1',
] as const;

const PROGRAMS = join(import.meta.dirname, '../libraries/programs');

/** @param golden name of the file with the trace of `@prisma/instrumentation` */
const VERSIONS = [
  { version: '6.19.3', instrumented: 'prisma-6-instrumented' },
  { version: '7.10.0', instrumented: 'prisma-instrumented' },
] as const;

/** Version 6 has the URL in the schema, and an engine that is a binary unless it is asked for another. */
function schemaOf(version: string): string {
  const schema = readFileSync(join(PROGRAMS, 'prisma/schema.prisma'), 'utf8');
  if (!version.startsWith('6.')) return schema;
  return schema
    .replace('moduleFormat = "esm"', '$&\n  engineType = "client"')
    .replace('provider = "postgresql"', '$&\n  url = "postgresql://app@127.0.0.1:1/postgres"');
}

/** Makes the client of the schema; the engine that this would download is not needed for that. */
async function installPrisma(version: string): Promise<App> {
  const same = ['prisma', '@prisma/client', '@prisma/adapter-pg', '@prisma/instrumentation'];
  const packages = same.map((name) => `${name}@${version}`);
  const app = await installApp(...PACKAGES, ...packages);
  cpSync(PROGRAMS, app.folder, { recursive: true });
  app.file('prisma/schema.prisma', schemaOf(version));
  if (version.startsWith('6.')) app.file('prisma.config.ts', 'export default {};');
  const cli = join(app.folder, 'node_modules/prisma/build/index.js');
  const end = await run([cli, 'generate'], {
    cwd: app.folder,
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  expect(end).toMatchObject({ code: 0 });
  app.file('generated/package.json', JSON.stringify({ type: 'module' }));
  return app;
}

describe.runIf(hasServers(['postgres']))('Prisma with a driver adapter', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(['postgres']);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  describe.each(VERSIONS)('version $version', ({ version, instrumented }) => {
    let app: App;
    beforeAll(async () => {
      app = await installPrisma(version);
    });
    afterAll(() => app?.remove());

    test.each([
      ['prisma', 'prisma'],
      ['prisma-instrumented', instrumented],
    ])('%s has the trace that its users expect', (name, golden) =>
      checkTrace(app, name, { PORT_postgres: String(servers.ports.postgres) }, golden),
    );
  });
});
