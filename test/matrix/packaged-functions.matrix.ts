import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceText } from '../apps/trace-text.ts';
import { headerNow } from '../support/lambda.ts';
import { hasRuntimeClient, startFunction } from '../support/lambda-function.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  'aws-cdk-lib@2.276.0',
  'constructs@10.8.1',
  'esbuild@0.28.2',
  'express@5.3.0',
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

/** The script and the stack of docs/bundling.md, without the installation of otel-xray beside the bundle. */
const BUILD = `
import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';
await build({
  entryPoints: ['src/index.mjs'],
  outdir: 'dist/orders',
  bundle: true,
  platform: 'node',
  minify: true,
  sourcemap: true,
  external: ['@aws-sdk/*'],
  logLevel: 'warning',
  plugins: [otelXray()],
});
`;

const STACK = `
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
`;

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
  app.file('src/index.mjs', FUNCTION);
  app.file('build.mjs', BUILD);
  app.file('stack.mjs', STACK);
});
afterAll(() => app?.remove());

test.runIf(hasRuntimeClient())(
  'a function that NodejsFunction packages is traced, with the packages in its bundle',
  async () => {
    const end = await run(['stack.mjs'], { cwd: app.folder });
    expect(end.code, end.stderr).toBe(0);
    const template = readFileSync(join(app.folder, 'cdk.out/Shop.template.json'), 'utf8');
    expect(template).toContain('"NODE_OPTIONS": "--import otel-xray/register"');
    const [asset = ''] = readdirSync(join(app.folder, 'cdk.out')).filter((name) =>
      name.startsWith('asset.'),
    );
    const register = join(app.folder, 'node_modules/otel-xray/dist/register.cjs');
    await using fn = await startFunction({
      taskRoot: join(app.folder, 'cdk.out', asset),
      handler: 'index.handler',
      env: { NODE_OPTIONS: `--import ${register}` },
    });
    const answer = await fn.api.invoke({ event: { id: 7 }, trace: headerNow(1) });
    expect(answer.body).toBe('{"id":"7"}');
    await fn.daemon.received(2);
    expect(fn.output()).toBe('');
    const text = traceText(fn.daemon.flat());
    expect(text).toContain('GET /orders/7 200');
    expect(text).toContain('route /orders/:id');
    expect(text).toContain('request handler');
  },
);
