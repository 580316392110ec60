import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceText } from '../apps/trace-text.ts';
import { ALL_TRACED, handlerCells } from '../support/handler-cells.ts';
import { headerNow } from '../support/lambda.ts';
import { hasRuntimeClient, startFunction } from '../support/lambda-function.ts';
import { NODES } from '../support/nodes.ts';
import { type App, installApp, TARBALL } from '../support/packed.ts';
import { meetsRequirement } from '../support/requirements.ts';
import { run } from '../support/run.ts';

const GOLDEN = join(import.meta.dirname, 'golden/bundles/packaged-function.txt');
const API = '@opentelemetry/api@1.9.1';

const PACKAGES: readonly string[] = [
  API,
  'aws-cdk-lib@2.276.0',
  'constructs@10.8.1',
  'esbuild@0.28.2',
  'express@5.3.0',
  'osls@4.3.1',
  'serverless-esbuild@1.57.2',
];

const FUNCTION = `
import express from 'express';
const app = express().get('/orders/:id', (request, response) => response.json({ id: request.params.id }));
export const handler = async ({ id }) => {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const answer = await fetch('http://127.0.0.1:' + server.address().port + '/orders/' + id);
  server.close();
  return answer.json();
};
`;

/** The files of docs/bundling.md, and what the tools need beside them. */
const FILES = {
  'src/index.js': FUNCTION,
  'build.mjs': `
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';

const outdir = process.argv[2] ?? 'dist/orders';
await build({
  entryPoints: ['src/index.js'],
  outdir,
  bundle: true,
  platform: 'node',
  minify: true,
  sourcemap: true,
  external: ['@aws-sdk/*'],
  logLevel: 'warning',
  plugins: [otelXray()],
});
execFileSync('npm', ['install', '--no-audit', '--prefix', outdir, ${JSON.stringify(TARBALL)}, '${API}']);
`,
  'stack.mjs': `
import { App, Stack } from 'aws-cdk-lib';
import { Code, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Shop');
new NodejsFunction(stack, 'Orders', {
  code: Code.fromCustomCommand('dist/orders', ['node', 'build.mjs']),
  runtime: Runtime.NODEJS_22_X,
  handler: 'index.handler',
  tracing: Tracing.ACTIVE,
  environment: { NODE_OPTIONS: '--import otel-xray/register' },
});
app.synth();
`,
  // Without `npm ci`: the packages are installed.
  Makefile: `
build-Orders:
	node build.mjs "$(ARTIFACTS_DIR)"
`,
  'serverless.yml': `
service: shop
plugins: [serverless-esbuild]
custom:
  esbuild: { bundle: true, minify: true, plugins: esbuild-plugins.cjs }
provider:
  name: aws
  runtime: nodejs22.x
  environment: { NODE_OPTIONS: --import otel-xray/register }
package:
  individually: true
  patterns: ['node_modules/otel-xray/**', 'node_modules/@opentelemetry/api/**']
functions:
  orders: { handler: src/index.handler }
`,
  'esbuild-plugins.cjs': `
const { otelXray } = require('otel-xray/esbuild');
module.exports = [otelXray()];
`,
};

interface Packaged {
  readonly folder: string;
  readonly handler: string;
  /** The template that the tool deploys. */
  readonly template?: string;
}

/** Packages the function; returns the folder that Lambda gets. */
const TOOLS: Readonly<Record<string, () => Promise<Packaged>>> = {
  async CDK() {
    // With the configuration of npm, which the script calls.
    execute(process.execPath, ['stack.mjs'], app.folder);
    const out = join(app.folder, 'cdk.out');
    const [asset = ''] = readdirSync(out).filter((name) => name.startsWith('asset.'));
    const template = readFileSync(join(out, 'Shop.template.json'), 'utf8');
    return { folder: join(out, asset), handler: 'index.handler', template };
  },

  /** SAM itself, which pip installs, only runs the target with this variable, in a copy of the folder. */
  async 'SAM (makefile)'() {
    const folder = join(app.folder, 'sam');
    mkdirSync(folder);
    execute('make', ['build-Orders', `ARTIFACTS_DIR=${folder}`], app.folder);
    return { folder, handler: 'index.handler' };
  },

  async 'Serverless Framework (osls), serverless-esbuild'() {
    const cli = join(app.folder, 'node_modules/osls/bin/serverless.js');
    const end = await run([cli, 'package'], {
      cwd: app.folder,
      env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' },
    });
    expect(end.code, end.stderr + end.stdout).toBe(0);
    const out = join(app.folder, '.serverless');
    const folder = join(out, 'orders');
    execute('unzip', ['-q', 'orders.zip', '-d', folder], out);
    const name = 'cloudformation-template-update-stack.json';
    const template = readFileSync(join(out, name), 'utf8');
    return { folder, handler: 'src/index.handler', template };
  },
};

function execute(program: string, args: readonly string[], cwd: string): void {
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;
  execFileSync(program, args, { cwd, env: { ...process.env, PATH }, stdio: 'pipe' });
}

function hasPrograms(...names: readonly string[]): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  const missing = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return meetsRequirement(
    missing.length > 0 ? `no ${missing.join(' and ')}; install with apt-get` : undefined,
  );
}

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
  for (const [name, text] of Object.entries(FILES)) app.file(name, text);
});
afterAll(() => app?.remove());

test.for(NODES.slice(1))(
  'Node %s: handlers are traced in every form of exports',
  async (version) => {
    expect(await handlerCells(version)).toEqual(ALL_TRACED);
  },
);

test.runIf(hasRuntimeClient() && hasPrograms('make', 'unzip')).each(Object.keys(TOOLS))(
  '%s packages a function that is traced, with the packages in its bundle',
  async (tool) => {
    const packaged = await TOOLS[tool]?.();
    const { folder = '', handler = '', template = '' } = packaged ?? {};
    expect(template.replace(/^.*NODE_OPTIONS": "([^"]*)".*$/s, '$1')).toBe(
      template && '--import otel-xray/register',
    );
    await using fn = await startFunction({
      taskRoot: folder,
      cwd: folder,
      handler,
      env: { NODE_OPTIONS: '--import otel-xray/register' },
    });
    const answer = await fn.api.invoke({ event: { id: 7 }, trace: headerNow(1) });
    expect(answer.body).toBe('{"id":"7"}');
    await fn.daemon.received(2);
    expect(fn.output()).toBe('');
    await expect(`${traceText(fn.daemon.flat())}\n`).toMatchFileSnapshot(GOLDEN);
  },
  600_000,
);
