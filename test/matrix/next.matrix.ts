import { execFile } from 'node:child_process';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AppRequest,
  FLAG,
  freePort,
  type Server,
  type ServerRun,
  serverRun,
} from '../apps/server-run.ts';
import { type App, installApp } from '../support/packed.ts';

const SOURCE = join(import.meta.dirname, '../apps/next');
const GOLDEN = join(import.meta.dirname, 'golden/apps');
const PACKAGES = [
  '@opentelemetry/api@1.9.1',
  '@vercel/otel@2.1.3',
  'express@5.1.0',
  'react@19.3.1',
  'react-dom@19.3.1',
];

const REQUESTS: readonly AppRequest[] = [
  { path: '/' },
  { path: '/orders/7' },
  {
    path: '/orders/7',
    headers: { 'x-amzn-trace-id': `Root=1-${'5'.repeat(8)}-${'7'.repeat(24)}` },
  },
  { path: '/orders/8' },
  { path: '/shop/5' },
  { path: '/old' },
  { path: '/dead' },
  { path: '/titled' },
  { path: '/streamed' },
  { path: '/gone' },
  { path: '/broken' },
  { path: '/missing' },
  { path: '/cart', form: { id: '8' } },
  { path: '/cart', form: { id: 'none' } },
  { path: '/orders/8', headers: { rsc: '1' } },
  { path: '/api/later/3' },
  { path: '/api/later/broken' },
  { path: '/api/later/promise' },
  { path: '/api/stock/2' },
  { path: '/api/broken' },
  { path: '/edge/3' },
  { path: '/edge/broken' },
  { path: '/api/edge/4' },
  { path: '/api/edge/broken' },
  { path: '/legacy/6' },
  { path: '/api/hello/ann' },
  { path: '/api/hello/nobody' },
  { path: '/_next/static/nothing.js' },
];

/** Calls of a server action by a page, each with an argument; the header has its id. */
function actionCalls({ folder }: App): readonly AppRequest[] {
  const manifest = join(folder, '.next/server/server-reference-manifest.json');
  const { node } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    readonly node: Readonly<Record<string, { readonly exportedName: string }>>;
  };
  const [id = ''] = Object.entries(node).find((it) => it[1].exportedName === 'emptyBasket') ?? [];
  return ['3', 'gone', 'none'].map((argument) => ({
    path: '/basket',
    headers: { 'next-action': id },
    json: [argument],
  }));
}

const NEXT = 'node_modules/next/dist/bin/next';
const READY = /Local: +http:\/\/[^:]+:(\d+)/;
/** With this host, a rewrite to another page is a request of the server to itself. */
const LOOPBACK = ['-H', '127.0.0.1', '-p', '0'];
const ENV = { NEXT_TELEMETRY_DISABLED: '1' };

/** Installs and builds the app; Next.js 15 has another name for the proxy. */
async function builtApp(version: string): Promise<App> {
  const app = await installApp(`next@${version}`, ...PACKAGES);
  cpSync(SOURCE, app.folder, { recursive: true });
  if (version.startsWith('15.')) {
    const [proxy, middleware] = ['proxy.js', 'middleware.js'].map((name) => join(app.folder, name));
    renameSync(proxy as string, middleware as string);
    const text = readFileSync(middleware as string, 'utf8');
    writeFileSync(middleware as string, text.replace('function proxy', 'function middleware'));
  }
  await promisify(execFile)(app.node, [NEXT, 'build'], {
    cwd: app.folder,
    env: { PATH: process.env.PATH, ...ENV },
  });
  return app;
}

const started = (app: App, env = {}): Server => ({
  folder: app.folder,
  args: [NEXT, 'start', ...LOOPBACK],
  env: { ...ENV, ...env },
  ready: READY,
});

/** Next.js 15 gives an answer without a page an id of its own. A redirect names the port. */
const withoutIds = (answer: string): string =>
  answer.replaceAll(/"[\w-]{21}[vm]"/g, '"ID"').replaceAll(/localhost:\d+/g, 'localhost');

/**
 * Inside the span of a request, Next.js calls handlers of `pages` at another place of a file, with any
 * OpenTelemetry SDK.
 */
const comparable = ({ end }: ServerRun): ServerRun['end'] => ({
  ...end,
  stderr: end.stderr.replaceAll(/^( +at async .*:\d+):\d+\)/gm, '$1)'),
});

describe.each(['16.4.6', '15.5.29'])('Next.js %s', (version) => {
  const major = version.slice(0, 2);
  const golden = join(GOLDEN, `next-${major}.txt`);
  let app: App;
  let requests: readonly AppRequest[];
  beforeAll(async () => {
    app = await builtApp(version);
    requests = [...REQUESTS, ...actionCalls(app)];
  });
  afterAll(() => app?.remove());

  test('next start has the trace that its users expect, and answers as without otel-xray', async () => {
    const without = await serverRun(started(app), requests);
    const traced = await serverRun(started(app, FLAG), requests);
    expect(without.trace).toBe('');
    expect(traced.answers.map(withoutIds)).toEqual(without.answers.map(withoutIds));
    expect(comparable(traced)).toEqual(comparable(without));
    await expect(`${traced.trace}\n`).toMatchFileSnapshot(golden);
  });

  test('start() in instrumentation.ts gives the same trace', async () => {
    const { trace } = await serverRun(started(app, { SETUP: 'start' }), requests);
    await expect(`${trace}\n`).toMatchFileSnapshot(golden);
  });

  test('@vercel/otel in instrumentation.ts adds no spans', async () => {
    const { trace, end } = await serverRun(started(app, { ...FLAG, SETUP: 'vercel' }), requests);
    await expect(`${trace}\n`).toMatchFileSnapshot(golden);
    expect(end.stderr.split('\n').filter((line) => line.includes('otel-xray'))).toEqual([
      expect.stringMatching(/^warn otel-xray: the app starts a second OpenTelemetry setup/),
    ]);
  });

  test('internal steps are shown on request', async () => {
    const server = started(app, { ...FLAG, OTEL_XRAY_MIDDLEWARE_SPANS: 'true' });
    const { trace } = await serverRun(server, [{ path: '/orders/8' }]);
    await expect(`${trace}\n`).toMatchFileSnapshot(
      join(GOLDEN, `next-${major}-with-middleware.txt`),
    );
  });

  test('the standalone output gives the same trace, without the rest of the app', async () => {
    const folder = `${app.folder}-standalone`;
    cpSync(join(app.folder, '.next/standalone'), folder, { recursive: true });
    try {
      const env = { ...FLAG, ...ENV, PORT: await freePort(), HOSTNAME: '127.0.0.1' };
      const server = { folder, args: ['server.js'], env, ready: READY };
      const { trace } = await serverRun(server, requests);
      await expect(`${trace}\n`).toMatchFileSnapshot(golden);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.for(major === '16' ? ['Express'] : [])(
    'a custom server with %s has the same routes',
    async () => {
      const env = { ...FLAG, NODE_ENV: 'production' };
      const server: Server = { ...started(app, env), args: ['server.mjs'] };
      const paths = ['/own/1', '/orders/7', '/api/broken'].map((path) => ({ path }));
      const { trace } = await serverRun(server, paths);
      await expect(`${trace}\n`).toMatchFileSnapshot(join(GOLDEN, 'next-16-custom-server.txt'));
    },
  );

  test.for(major === '16' ? ['dev'] : [])(
    'next %s creates no traces of its own',
    { timeout: 600_000 },
    async () => {
      const server: Server = { ...started(app, FLAG), args: [NEXT, 'dev', ...LOOPBACK] };
      const paths = [
        '/',
        '/orders/7',
        '/api/broken',
        '/api/edge/broken',
        '/edge/broken',
        '/legacy/6',
      ];
      const { trace } = await serverRun(
        server,
        paths.map((path) => ({ path })),
      );
      await expect(`${trace}\n`).toMatchFileSnapshot(join(GOLDEN, 'next-16-dev.txt'));
    },
  );
});
