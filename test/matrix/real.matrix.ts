import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, FLAG, serverRun } from '../apps/server-run.ts';
import { type App, installAppWith } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { hasServers, type Servers, startServers } from '../support/servers.ts';

const APPS = join(import.meta.dirname, '../apps');
const GOLDEN = join(import.meta.dirname, 'golden/apps');

const PACKAGES: readonly string[] = [
  '@nestjs/common@12.5.1',
  '@nestjs/core@12.5.1',
  '@nestjs/platform-express@12.5.1',
  '@opentelemetry/api@1.9.1',
  '@prisma/adapter-pg@7.10.0',
  '@prisma/client@7.10.0',
  'drizzle-orm@0.45.4',
  'express@5.3.0',
  'fastify@5.12.8',
  'pg@8.23.1',
  'prisma@7.10.1',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
  'verdaccio@6.10.4',
];
/** A dependency of verdaccio names this version by a tag that not every registry has. */
const MANIFEST = { type: 'module', overrides: { 'node-fetch': '2.7.0' } };

let app: App;
beforeAll(async () => {
  app = await installAppWith(MANIFEST, ...PACKAGES);
  cpSync(join(APPS, 'real'), app.folder, { recursive: true });
  cpSync(join(APPS, 'programs/nest.mjs'), join(app.folder, 'nest-12.mjs'));
});
afterAll(() => app?.remove());

/** Runs an app with and without otel-xray, and compares the trace with the reviewed one. */
async function check(name: string, client: Client, env = {}): Promise<void> {
  const server = (more: object) => ({
    folder: app.folder,
    args: [`${name}.mjs`],
    // Some servers answer with stacks otherwise.
    env: { NODE_ENV: 'production', AWS_XRAY_COLLECT_SQL_QUERIES: 'true', ...env, ...more },
    ready: /^port (\d+)$/,
  });
  const without = await serverRun(server({}), client);
  const traced = await serverRun(server(FLAG), client);
  expect(traced.answers).toEqual(without.answers);
  expect(traced.end).toEqual(without.end);
  await expect(`${traced.trace}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
}

test('Nest 12 has the trace that its users expect, and answers as without otel-xray', () =>
  check('nest-12', [
    { path: '/orders/7' },
    { path: '/broken' },
    { path: '/missing' },
    { path: '/orders/x' },
    { path: '/stock', headers: { 'x-user': 'none' } },
  ]));

/** Publishes a package with npm, and installs it and one that does not exist. */
async function npmClient(registry: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(app.folder, 'client-'));
  const file = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  for (const name of ['cart', 'user']) mkdirSync(join(folder, name));
  file('cart/package.json', JSON.stringify({ name: 'cart', version: '1.0.0' }));
  file('user/package.json', JSON.stringify({ private: true }));
  file(
    'npmrc',
    [
      `registry=${registry}/`,
      `${registry.replace('http:', '')}/:_authToken=token`,
      ...['audit=false', 'fund=false', 'update-notifier=false', ''],
    ].join('\n'),
  );
  const npm = async (directory: string, ...args: readonly string[]): Promise<string> => {
    const env = {
      // Else an installed package would come from the cache of the one who published it.
      npm_config_cache: join(folder, `${directory}-cache`),
      npm_config_userconfig: join(folder, 'npmrc'),
    };
    const { code } = await run(args, { cwd: join(folder, directory), program: 'npm', env });
    return `npm ${args.join(' ')}: ${code}`;
  };
  return [
    await npm('cart', 'publish'),
    await npm('user', 'install', 'cart@1.0.0'),
    await npm('user', 'install', 'nothing@1.0.0'),
  ];
}

test('verdaccio serves npm with the trace that its users expect', () =>
  check('verdaccio', npmClient));

describe.runIf(hasServers(['postgres']))('with PostgreSQL', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(['postgres']);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());
  const env = () => ({ PORT_postgres: String(servers.ports.postgres) });

  test('an API with Fastify and Drizzle', () =>
    check(
      'drizzle',
      [{ path: '/customers/1/orders' }, { path: '/buy' }, { path: '/twice' }],
      env(),
    ));

  test('a shop with Express and Prisma', async () => {
    // Only migrations need the engine, which Prisma would download.
    await promisify(execFile)('npx', ['prisma', 'generate'], {
      cwd: app.folder,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    });
    await check(
      'prisma-shop',
      [
        { path: '/customers/1' },
        { path: '/orders', json: { total: 4, customerId: 1 } },
        { path: '/twice' },
      ],
      env(),
    );
  });
});
