import { execFile } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppRequest, FLAG, freePort, type ServerRun, serverRun } from '../apps/server-run.ts';
import { type App, installApp } from '../support/packed.ts';

const APPS = join(import.meta.dirname, '../apps');
const GOLDEN = join(import.meta.dirname, 'golden/apps');

/** Starts the server for development, on a port. */
interface Command {
  readonly args: readonly string[];
  readonly ready: RegExp;
  /** Name of its golden file, if its trace differs from that of the built server. */
  readonly golden?: string;
}

interface Framework {
  readonly packages: readonly string[];
  readonly build: readonly string[];
  readonly start: readonly string[];
  readonly ready: RegExp;
  readonly dev: Command;
  readonly requests: readonly AppRequest[];
  /** Whether handlers of the app run inside functions of the instrumentation. */
  readonly wrapsHandlers?: boolean;
}

const COMMON: readonly AppRequest[] = ['/', '/orders/7', '/broken', '/api/stock/2'].map((path) => ({
  path,
}));
const FAILING: readonly AppRequest[] = ['/api/broken', '/missing'].map((path) => ({ path }));
const LOCAL = /Local/;
const FORM: AppRequest = { path: '/cart', form: { id: '8' } };

const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  nuxt: {
    packages: ['nuxt@4.4.8'],
    build: ['node_modules/nuxt/bin/nuxt.mjs', 'build'],
    start: ['.output/server/index.mjs'],
    ready: /Listening on http:\/\/[^:]+:(\d+)/,
    dev: { args: ['node_modules/nuxt/bin/nuxt.mjs', 'dev'], ready: /Nitro server built/ },
    requests: [...COMMON, { path: '/api/remote' }, { path: '/health' }, ...FAILING],
  },
  sveltekit: {
    packages: [
      '@sveltejs/kit@3.2.0',
      '@sveltejs/adapter-node@6.0.1',
      '@sveltejs/vite-plugin-svelte@7.3.1',
      'svelte@5.57.3',
      'vite@8.4.0',
    ],
    build: ['node_modules/vite/bin/vite.js', 'build'],
    start: ['build/index.js'],
    ready: /Listening on http:\/\/[^:]+:(\d+)/,
    dev: { args: ['node_modules/vite/bin/vite.js', 'dev'], ready: LOCAL },
    requests: [...COMMON, FORM, { path: '/orders/7/__data.json' }, ...FAILING],
  },
  'react-router': {
    packages: [
      'react-router@7.18.4',
      '@react-router/serve@7.18.4',
      '@react-router/node@7.18.4',
      '@react-router/dev@7.18.4',
      'isbot@5.2.3',
      'react@19.3.1',
      'react-dom@19.3.1',
      'typescript@5.9.3',
      'vite@7.3.8',
    ],
    build: ['node_modules/@react-router/dev/bin.js', 'build'],
    start: ['node_modules/@react-router/serve/bin.js', 'build/server/index.js'],
    ready: /http:\/\/localhost:(\d+)/,
    dev: {
      args: ['node_modules/@react-router/dev/bin.js', 'dev'],
      ready: LOCAL,
      golden: 'react-router-dev',
    },
    requests: [
      ...COMMON,
      FORM,
      ...['/orders/7.data', '/late', '/account', '/account?broken'].map((path) => ({ path })),
      ...FAILING,
    ],
    wrapsHandlers: true,
  },
  astro: {
    packages: ['astro@7.3.5', '@astrojs/node@11.1.6'],
    build: ['node_modules/astro/bin/astro.mjs', 'build'],
    start: ['dist/server/entry.mjs'],
    ready: /listening on http:\/\/[^:]+:(\d+)/,
    dev: { args: ['node_modules/astro/bin/astro.mjs', 'dev'], ready: LOCAL },
    requests: [...COMMON, { path: '/_actions/pay/', json: {} }, ...FAILING],
  },
  'tanstack-start': {
    packages: [
      '@tanstack/react-start@1.169.5',
      '@tanstack/react-router@1.170.46',
      '@vitejs/plugin-react@6.3.0',
      'react@19.3.1',
      'react-dom@19.3.1',
      'srvx@1.0.8',
      'vite@8.4.0',
    ],
    build: ['node_modules/vite/bin/vite.js', 'build'],
    start: [
      ...['node_modules/srvx/bin/srvx.mjs', '--prod', '--static', '../client'],
      'dist/server/server.js',
    ],
    ready: /istening on:? http:\/\/[^:]+:(\d+)/,
    dev: { args: ['node_modules/vite/bin/vite.js', 'dev'], ready: LOCAL },
    requests: [
      ...COMMON,
      ...['/orders/old', '/orders/gone', '/orders/broken'].map((path) => ({ path })),
      ...['/account', '/account?broken=1', '/dead'].map((path) => ({ path })),
      ...FAILING,
    ],
    wrapsHandlers: true,
  },
  nitro: {
    packages: ['nitro@3.0.0', 'h3@2.0.8'],
    build: ['node_modules/nitro/dist/cli/index.mjs', 'build'],
    start: ['.output/server/index.mjs'],
    ready: /istening on:? http:\/\/[^:]+:(\d+)/,
    dev: { args: ['node_modules/nitro/dist/cli/index.mjs', 'dev'], ready: /Nitro.*built/ },
    requests: [
      '/health',
      '/api/stock/2',
      '/api/remote',
      '/api/broken',
      '/api/forbidden',
      '/missing',
    ].map((path) => ({ path })),
  },
};

const QUIET = { ASTRO_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' };

/** Pages of TanStack Start contain when their data was loaded. */
const withoutTimes = (answer: string): string => answer.replaceAll(/\b\d{13}\b/g, 'TIME');

/** Log lines without times. Below the frame of the app, loaders have those of the instrumentation. */
function comparable(stderr: string, { wrapsHandlers = false }: Framework): string {
  const timeless = stderr.replaceAll(/^\d\d:\d\d:\d\d /gm, '');
  return wrapsHandlers ? timeless.replaceAll(/^ +at (?!.*\/build\/server\/).*\n/gm, '') : timeless;
}

describe.each(Object.entries(FRAMEWORKS))('%s', (name, framework) => {
  let app: App;
  beforeAll(async () => {
    app = await installApp('@opentelemetry/api@1.9.1', ...framework.packages);
    cpSync(join(APPS, name), app.folder, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(app.folder, 'package.json'), 'utf8'));
    app.file('package.json', JSON.stringify({ ...manifest, type: 'module' }));
    await promisify(execFile)(app.node, [...framework.build], {
      cwd: app.folder,
      env: { PATH: process.env.PATH, ...QUIET },
    });
  });
  afterAll(() => app?.remove());

  const run = async (
    env: Readonly<Record<string, string>>,
    port: string,
    { args, ready }: Command = { args: framework.start, ready: framework.ready },
  ): Promise<ServerRun> => {
    const server = {
      folder: app.folder,
      args,
      env: { ...QUIET, HOST: '127.0.0.1', PORT: port, ...env },
      ready,
    };
    return serverRun(server, framework.requests);
  };

  test('has the trace that its users expect, and answers as without otel-xray', async () => {
    const port = await freePort();
    const without = await run({}, port);
    const traced = await run(FLAG, port);
    expect(without.trace).toBe('');
    expect(traced.answers.map(withoutTimes)).toEqual(without.answers.map(withoutTimes));
    expect({ ...traced.end, stderr: comparable(traced.end.stderr, framework) }).toEqual({
      ...without.end,
      stderr: comparable(without.end.stderr, framework),
    });
    await expect(`${traced.trace}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
  });

  test('has the same in development', async () => {
    const port = await freePort();
    const args = [...framework.dev.args, '--port', port, '--host', '127.0.0.1'];
    const { trace } = await run(FLAG, port, { ...framework.dev, args });
    await expect(`${trace}\n`).toMatchFileSnapshot(
      join(GOLDEN, `${framework.dev.golden ?? name}.txt`),
    );
  });
});
