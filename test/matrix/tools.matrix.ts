import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type App, installApp } from '../support/packed.ts';
import { type Finished, run } from '../support/run.ts';

const APP = `
import http from 'node:http';
import express from 'express';
const app = express();
app.get('/orders/:id', (request, response) => response.json({}));
const server = app.listen(0, '127.0.0.1', () => {
  http.get('http://127.0.0.1:' + server.address().port + '/orders/7', (answer) => {
    answer.resume().on('end', () => server.close());
  });
});
`;

/** Bundles the first file, with all packages, into the second one. */
const BUNDLERS = {
  esbuild: `
const [, , from, to] = process.argv;
require('esbuild').buildSync({ entryPoints: [from], outfile: to, bundle: true, platform: 'node', logLevel: 'error' });
`,
  webpack: `
const { basename, dirname, resolve } = require('node:path');
const [, , from, to] = process.argv;
require('webpack')({
  mode: 'production', target: 'node', entry: resolve(from), node: { __filename: false, __dirname: false },
  output: { path: dirname(resolve(to)), filename: basename(to) },
}, (error, stats) => { if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1); } });
`,
} as const;

let app: App;

beforeAll(async () => {
  app = await installApp('esbuild@0.28.2', 'webpack@5.112.2', 'tsx@4.23.15', 'express@5.3.0');
  for (const [name, text] of Object.entries(BUNDLERS)) app.file(`${name}.cjs`, text);
  app.file('plain.mjs', APP);
  app.file('inside.mjs', `import 'otel-xray/register';\n${APP}`);
  app.file('app.mts', APP);
});
afterAll(() => app.remove());

async function visit(
  args: readonly string[],
): Promise<Finished & { readonly routes: readonly unknown[] }> {
  await using daemon = await startFakeDaemon();
  const end = await run(args, {
    cwd: app.folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'tools',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_XRAY_ANNOTATIONS: 'http.route=route',
    },
  });
  const segments = daemon.flat().filter(({ type }) => type === undefined);
  return { ...end, routes: segments.map(({ annotations }) => annotations?.['route']) };
}

const TOOLS = Object.keys(BUNDLERS) as readonly (keyof typeof BUNDLERS)[];

test.for(TOOLS)('%s: a bundled app has segments, without routes', async (tool) => {
  const made = await run([`${tool}.cjs`, 'plain.mjs', `${tool}.out.cjs`], { cwd: app.folder });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(await visit(['--import', 'otel-xray/register', `${tool}.out.cjs`])).toMatchObject({
    code: 0,
    stderr: '',
    routes: [undefined, undefined],
  });
});

test.for(TOOLS)('%s: an app with otel-xray in its bundle runs and logs the fix', async (tool) => {
  const made = await run([`${tool}.cjs`, 'inside.mjs', `${tool}.inside.cjs`], { cwd: app.folder });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(await visit([`${tool}.inside.cjs`])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^warn otel-xray: .* node --import otel-xray\/register\n$/),
  });
});

test.for([
  { args: ['--import', 'otel-xray/register', '--import', 'tsx'] },
  { args: ['--import', 'tsx', '--import', 'otel-xray/register'] },
])('tsx: $args', async ({ args }) => {
  const { code, stderr, routes } = await visit([...args, 'app.mts']);
  expect({ code, stderr, routes }).toEqual({
    code: 0,
    stderr: '',
    routes: expect.arrayContaining(['/orders/:id']),
  });
});
