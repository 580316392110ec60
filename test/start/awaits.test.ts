import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';

/** Promises that an application awaits must settle, and keep the process alive until then. */

let folder: string;
/** Accepts connections and never responds, like a metadata service behind a firewall. */
let silent: Server;
const connections = new Set<Socket>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-awaits-'));
  silent = createServer((socket) => {
    connections.add(socket.on('error', () => {}));
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterAll(() => {
  for (const socket of connections) socket.destroy();
  silent.close();
  rmSync(folder, { recursive: true, force: true });
});

const PROGRAMS: Readonly<Record<string, string>> = {
  'start().shutdown()': `
    const started = start();
    traceTask('job', () => {});
    await started.shutdown();
    await started.shutdown();`,
  'start().flush()': `
    const started = start();
    traceTask('job', () => {});
    await started.flush();`,
  'flush()': `
    start();
    traceTask('job', () => {});
    await flush();`,
  'flush() while a span is open': `
    start();
    openSpan('job');
    await flush();`,
  'forceFlush() and shutdown() of the registered provider': `
    start();
    traceTask('job', () => {});
    const provider = trace.getTracerProvider().getDelegate();
    await provider.forceFlush();
    await provider.shutdown();`,
  'shutdown() without a span': `
    await start().shutdown();`,
  'flush() and shutdown() beside a span processor that never settles': `
    const never = () => new Promise(() => {});
    const processor = { onStart() {}, onEnd() {}, forceFlush: never, shutdown: never };
    const started = start({ spanProcessors: [processor], exportTimeoutMs: 200 });
    traceTask('job', () => {});
    await started.flush();
    await started.shutdown();`,
  'shutdown() of a sampler with a report to send': `
    const sampler = new XRaySampler({ endpoint: process.env.SILENT });
    sampler.shouldSample(context.active(), '0'.repeat(32), 'a', 1, {}, []);
    await sampler.shutdown();`,
  'exporter and processor in a provider of the app': `
    const exporter = new XRayExporter();
    const processor = new XRaySpanProcessor({ exporter });
    await processor.forceFlush();
    await processor.shutdown();`,
  'a wrapped handler': `
    start();
    const handler = wrapHandler(async () => 'done');
    await handler({}, { functionName: 'f', invokedFunctionArn: 'arn:aws:lambda:a:1:function:f' });`,
  'the fixture for tests': `
    const xray = await startXRay();
    await xray.waitFor('service("nobody")', { timeoutMs: 50 }).catch(() => {});
    await xray.close();`,
};

const NAMES = 'flush, openSpan, start, traceTask, XRayExporter, XRaySampler, XRaySpanProcessor';
const FORMS: Readonly<Record<string, (body: string) => string>> = {
  mjs: (body) => `
    import otel from ${JSON.stringify(join(root, 'dist/index.cjs'))};
    import api from ${JSON.stringify(join(root, 'node_modules/@opentelemetry/api/build/src/index.js'))};
    import lambda from ${JSON.stringify(join(root, 'dist/lambda.cjs'))};
    import testing from ${JSON.stringify(join(root, 'dist/testing.cjs'))};
    const { ${NAMES} } = otel, { context, trace } = api, { wrapHandler } = lambda, { startXRay } = testing;
    ${body}
    console.log('after');`,
  cjs: (body) => `
    const { ${NAMES} } = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
    const { context, trace } = require(${JSON.stringify(join(root, 'node_modules/@opentelemetry/api'))});
    const { wrapHandler } = require(${JSON.stringify(join(root, 'dist/lambda.cjs'))});
    const { startXRay } = require(${JSON.stringify(join(root, 'dist/testing.cjs'))});
    (async () => {
      ${body}
      console.log('after');
    })();`,
};

test.for(
  Object.entries(PROGRAMS).flatMap(([name, body]) =>
    Object.keys(FORMS).flatMap((form) =>
      [false, true].map((hasDaemon) => ({ name, body, form, hasDaemon })),
    ),
  ),
)('$name settles in .$form, daemon: $hasDaemon', async ({ name, body, form, hasDaemon }) => {
  await using daemon = await startFakeDaemon();
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.${form}`);
  writeFileSync(file, FORMS[form]?.(body) ?? '');
  const { port } = daemon.endpoint;
  if (!hasDaemon) await daemon.close();
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const end = await run([file], {
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `tcp:${address} udp:127.0.0.1:${port}`,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${address}`,
      OTEL_SERVICE_NAME: 'app',
      SILENT: address,
    },
  });
  expect(end).toMatchObject({ code: 0, signal: null, stdout: 'after\n' });
});
