import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RolldownOutput, rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceText } from '../apps/trace-text.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type App, installApp } from '../support/packed.ts';
import { type Finished, run } from '../support/run.ts';

/** The plugin in the published package; the other bundlers are in `test/matrix/bundles.matrix.ts`. */
interface Package {
  otelXray(options?: { readonly xraySdkFacade?: boolean }): { readonly name: string };
}

const REGISTER = ['--import', 'otel-xray/register'];

let app: App;
beforeAll(async () => {
  app = await installApp(
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/instrumentation@0.223.0',
    '@opentelemetry/instrumentation-express@0.71.1',
    'aws-xray-sdk-core@3.12.0',
    'express@5.3.0',
    'hono@4.13.19',
    '@hono/node-server@2.0.12',
  );
});
afterAll(() => app?.remove());

interface Built {
  readonly code: string;
  readonly warnings: readonly string[];
}

interface BuildOptions {
  readonly external?: readonly string[];
  readonly minify?: boolean;
  readonly xraySdkFacade?: boolean;
  /** Whether otel-xray becomes part of the bundle. */
  readonly inside?: boolean;
}

/** Bundles a text into `<name>.out.cjs`. */
async function bundle(name: string, text: string, options: BuildOptions = {}): Promise<Built> {
  const { external = [], minify = false, xraySdkFacade, inside = false } = options;
  const { otelXray } = createRequire(join(app.folder, 'x.js'))('otel-xray/rolldown') as Package;
  const warnings: string[] = [];
  const build = await rolldown({
    cwd: app.folder,
    input: app.file(`${name}.mjs`, text),
    platform: 'node',
    external: [...(inside ? [] : ['otel-xray/register']), ...external],
    plugins: [otelXray(xraySdkFacade === undefined ? {} : { xraySdkFacade })],
    onLog: (_level, { plugin, message }) => {
      if (plugin === 'otel-xray') warnings.push(message.replaceAll(app.folder, ''));
    },
  });
  const { output }: RolldownOutput = await build.write({
    file: join(app.folder, `${name}.out.cjs`),
    format: 'cjs',
    sourcemap: true,
    minify,
    codeSplitting: false,
  });
  await build.close();
  return { code: output[0].code, warnings };
}

async function traced(
  flags: readonly string[],
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished & { readonly trace: string }> {
  await using daemon = await startFakeDaemon();
  const end = await run([...flags, file], {
    cwd: app.folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'shop',
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  await daemon.drained();
  return { ...end, trace: traceText(daemon.flat()) };
}

/** Requests its own route once, then ends. */
const EXPRESS = `
import express from 'express';
const app = express();
app.get('/orders/:id', (request, response) => response.json({ id: request.params.id }));
const server = app.listen(0, '127.0.0.1', async () => {
  console.log(await (await fetch('http://127.0.0.1:' + server.address().port + '/orders/7')).text());
  server.closeAllConnections();
  server.close();
});
`;

const EXPRESS_TRACE = `shop (segment)
  127.0.0.1  remote  GET /orders/7 200
    shop (segment)  GET /orders/7 200  route /orders/:id
      request handler  route /orders/:id`;

test.for([
  { rule: 'in the bundle', options: {} },
  { rule: 'minified', options: { minify: true } },
  { rule: 'external to the bundle', options: { external: ['express'] } },
])('Express is traced once: $rule', async ({ options }) => {
  const { warnings } = await bundle('express', EXPRESS, options);
  expect(warnings).toEqual([]);
  const plain = await traced(REGISTER, 'express.mjs');
  expect(plain.trace).toBe(EXPRESS_TRACE);
  expect(await traced(REGISTER, 'express.out.cjs')).toEqual(plain);
});

test('a bundle with the plugin runs without otel-xray', async () => {
  await bundle('alone', EXPRESS);
  expect(await traced([], 'alone.out.cjs')).toMatchObject({
    code: 0,
    stdout: '{"id":"7"}\n',
    stderr: '',
    trace: '',
  });
});

test('Hono, which is an ES module, is traced in the bundle', async () => {
  const text = `
    import { serve } from '@hono/node-server';
    import { Hono } from 'hono';
    const app = new Hono();
    app.get('/orders/:id', (c) => c.json({ id: c.req.param('id') }));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
      console.log(await (await fetch('http://127.0.0.1:' + port + '/orders/7')).text());
      server.closeAllConnections();
      server.close();
    });`;
  expect((await bundle('hono', text, { minify: true })).warnings).toEqual([]);
  expect(await traced(REGISTER, 'hono.out.cjs')).toMatchObject({
    code: 0,
    stdout: '{"id":"7"}\n',
    stderr: '',
    trace: expect.stringContaining('shop (segment)  GET /orders/7 200  route /orders/:id'),
  });
});

test('register in the first line of the app is early enough', async () => {
  await bundle('first', `import 'otel-xray/register';\n${EXPRESS}`);
  expect(await traced([], 'first.out.cjs')).toMatchObject({ stderr: '', trace: EXPRESS_TRACE });
});

test.for([
  { rule: 'Express', text: EXPRESS, trace: EXPRESS_TRACE },
  {
    rule: 'the facade of the X-Ray SDK',
    text: "import AWSXRay from 'aws-xray-sdk-core';\nnew AWSXRay.Segment('tree').close();",
    trace: 'tree (segment)',
  },
])('otel-xray in the bundle traces without any other file: $rule', async ({ text, trace }) => {
  const inside = `import 'otel-xray/register';\n${text}`;
  const { warnings } = await bundle('inside', inside, { inside: true, minify: true });
  expect(warnings).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-inside-'));
  cpSync(join(app.folder, 'inside.out.cjs'), join(folder, 'app.cjs'));
  expect(await traced([], join(folder, 'app.cjs'))).toMatchObject({ code: 0, stderr: '', trace });
  rmSync(folder, { recursive: true });
});

test('one warning names packages that ran before register', async () => {
  const text = `import express from 'express'; express(); await import('otel-xray/register');`;
  const build = `(async () => {${text.replace(/import express from 'express';/, "const express = require('express');")}})();`;
  await bundle('late', build);
  expect(await traced([], 'late.out.cjs')).toMatchObject({
    code: 0,
    stderr:
      'warn otel-xray: express: loaded before otel-xray, so not traced. Load otel-xray/register ' +
      'first: node --import otel-xray/register, before any other --import or --require.\n',
  });
});

test('an instrumentation of the app in the bundle replaces ours', async () => {
  const text = `
    import { registerInstrumentations } from '@opentelemetry/instrumentation';
    import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
    registerInstrumentations({
      instrumentations: [new ExpressInstrumentation({ requestHook: (span) => span.updateName('own') })],
    });
    const run = () => { ${EXPRESS.replace("import express from 'express'", "const express = require('express')")} };
    run();`;
  await bundle('own', text);
  const { trace, stderr } = await traced(REGISTER, 'own.out.cjs');
  expect(stderr).toBe('');
  expect(trace.match(/^ +own {2}route/gm)).toHaveLength(1);
  expect(trace).not.toContain('request handler');
});

const SDK = `
import AWSXRay from 'aws-xray-sdk-core';
const segment = new AWSXRay.Segment('tree');
segment.addNewSubsegment('leaf').close();
segment.close();
`;

test.for([
  { rule: 'is answered', flags: REGISTER, env: {}, answered: true },
  {
    rule: 'runs with OTEL_XRAY_SDK_FACADE=off',
    flags: REGISTER,
    env: { OTEL_XRAY_SDK_FACADE: 'off' },
    answered: false,
  },
  { rule: 'runs without otel-xray', flags: [], env: {}, answered: false },
])('the X-Ray SDK in the bundle $rule', async ({ flags, env, answered }) => {
  await bundle('sdk', SDK);
  for (const file of ['sdk.mjs', 'sdk.out.cjs']) {
    const end = await traced(flags, file, { ...env, OTEL_LOG_LEVEL: 'info' });
    expect(end).toMatchObject({ code: 0, trace: 'tree (segment)\n  leaf' });
    expect(end.stderr.includes('aws-xray-sdk-core is answered by otel-xray/xray-sdk')).toBe(
      answered,
    );
  }
});

test('with xraySdkFacade: false, the X-Ray SDK is left unchanged', async () => {
  const { code } = await bundle('sdk-left', SDK, { xraySdkFacade: false });
  expect(code.match(/otelXrayReplacement/)).toBeNull();
});

test('source maps lead to the files of the app and of its packages', async () => {
  const text = `${EXPRESS}app.get('/broken', () => {\n  throw new Error('here');\n});
    app.use((error, request, response, next) => console.log(error.stack));
    app.handle({ method: 'GET', url: '/broken', headers: {} }, { setHeader() {} });`;
  await bundle('mapped', text, { minify: true });
  const { stdout } = await traced(['--enable-source-maps', ...REGISTER], 'mapped.out.cjs');
  expect(stdout).toContain(`(${join(app.folder, 'mapped.mjs')}:11:13)`);
  expect(stdout).toMatch(/node_modules\/router\/lib\/layer\.js:\d+:\d+\)/);
});

test('a package newer than supported is left unchanged, with one warning', async () => {
  const file = join(app.folder, 'node_modules/express/package.json');
  const manifest = readFileSync(file, 'utf8');
  app.file('node_modules/express/package.json', manifest.replace('"5.3.0"', '"6.0.0"'));
  const { code, warnings } = await bundle('newer', EXPRESS);
  app.file('node_modules/express/package.json', manifest);
  expect(/"express",\s*"express",\s*"6/.test(code)).toBe(false);
  expect(warnings).toEqual([
    expect.stringContaining('express is left unchanged and not traced: express 6.0.0 is not'),
  ]);
  expect(await traced(REGISTER, 'newer.out.cjs')).toMatchObject({ code: 0, stderr: '' });
});
