import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type Finished, run } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');
let folder: string;
let app: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-start-'));
  app = join(folder, 'app.cjs');
  writeFileSync(
    app,
    `const http = require('node:http');
const server = http.createServer((_, response) => response.end('hello'));
server.listen(0, '127.0.0.1', async () => {
  const answer = await fetch('http://127.0.0.1:' + server.address().port + '/hello');
  console.log(await answer.text());
  server.close();
});`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the application. It must respond and exit with 0, regardless of tracing errors. */
async function runApp(
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = ['--import', REGISTER],
): Promise<Finished> {
  const end = await run([...flags, app], {
    cwd: folder,
    env: { OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAME: 'app', ...env },
  });
  expect(end).toMatchObject({ code: 0, signal: null });
  return end;
}

/** Lines of standard error that contain the text. */
function lines({ stderr }: Finished, text: string): readonly string[] {
  return stderr.split('\n').filter((line) => line.includes(text));
}

test.for([
  {
    rule: 'no process listens on the port of the daemon',
    env: { AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9' },
    says: 'nothing listens on udp 127.0.0.1:9',
  },
  {
    rule: 'a host name that does not resolve',
    env: { AWS_XRAY_DAEMON_ADDRESS: 'no-such-host.invalid:2000' },
    says: 'cannot resolve no-such-host.invalid:2000',
  },
  {
    rule: 'an invalid address',
    env: { AWS_XRAY_DAEMON_ADDRESS: 'http://daemon/' },
    says: 'AWS_XRAY_DAEMON_ADDRESS="http://daemon/":',
  },
  {
    rule: 'an invalid number',
    env: { OTEL_BSP_MAX_QUEUE_SIZE: 'many' },
    says: 'OTEL_BSP_MAX_QUEUE_SIZE="many":',
  },
  {
    rule: 'an invalid ratio',
    env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '150%' },
    says: 'OTEL_TRACES_SAMPLER_ARG="150%": expected a number from 0 to 1',
  },
  {
    rule: 'an invalid endpoint of the sampler',
    env: { OTEL_TRACES_SAMPLER: 'xray', OTEL_TRACES_SAMPLER_ARG: 'endpoint=ftp://x' },
    says: 'invalid sampling endpoint: "ftp://x"',
  },
  {
    rule: 'an exporter that is not installed',
    env: { OTEL_TRACES_EXPORTER: 'xray,otlp' },
    says: 'exporter otlp is ignored: @opentelemetry/exporter-trace-otlp-proto cannot be loaded',
  },
  {
    rule: 'an instrumentation that does not exist',
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pigeon' },
    says: 'unknown instrumentation "pigeon" is ignored',
  },
  {
    rule: 'a missing rules file',
    env: { OTEL_TRACES_SAMPLER: 'xray', OTEL_XRAY_SAMPLING_RULES: 'none.json' },
    says: 'none.json',
  },
  {
    rule: 'a missing configuration file',
    env: { OTEL_CONFIG_FILE: 'none.yaml' },
    says: 'OTEL_CONFIG_FILE="none.yaml": ENOENT',
  },
  {
    rule: 'a configuration file that is a directory, set by the earlier variable',
    env: { OTEL_EXPERIMENTAL_CONFIG_FILE: '.' },
    says: 'OTEL_EXPERIMENTAL_CONFIG_FILE=".": EISDIR',
  },
  {
    rule: 'a configuration file that is this package.json',
    env: { OTEL_CONFIG_FILE: join(root, 'package.json') },
    says: 'file_format is missing; 1.0 is assumed',
  },
  {
    rule: 'a missing file of AWS parameters',
    env: { OTEL_XRAY_AWS_PARAMETERS: 'none.json' },
    says: 'OTEL_XRAY_AWS_PARAMETERS="none.json" is not used: ENOENT',
  },
  {
    rule: 'a pattern instead of a header name',
    env: { OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'x-*' },
    says: 'OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS="x-*":',
  },
  {
    rule: 'a header that contains credentials',
    env: { OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'cookie' },
    says: 'the header cookie is not recorded',
  },
  {
    rule: 'a dump that cannot be written',
    env: { OTEL_XRAY_DUMP: '/no/such/folder/dump.jsonl' },
    says: 'OTEL_XRAY_DUMP=/no/such/folder/dump.jsonl cannot be written',
  },
])('reported once, and the application continues: $rule', async ({ env, says }) => {
  const end = await runApp({ ...env });
  expect(end.stdout).toBe('hello\n');
  expect(lines(end, says)).toHaveLength(1);
});

test.for([
  { rule: '--import twice', flags: ['--import', REGISTER, '--import', REGISTER] },
  { rule: '--require and --import', flags: ['--require', REGISTER, '--import', REGISTER] },
  { rule: '--require', flags: ['--require', REGISTER] },
  { rule: 'the file register of the checkout', flags: ['--import', join(root, 'register')] },
])('started by $rule: one set of spans', async ({ flags }) => {
  await using daemon = await startFakeDaemon();
  await runApp({ AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}` }, flags);
  await daemon.received(3);
  // The root client span is two documents: the service's segment, and the call in it.
  expect(
    daemon
      .flat()
      .map(({ name, type = 'segment' }) => `${type} ${name}`)
      .sort(),
  ).toEqual(['segment app', 'segment app', 'subsegment 127.0.0.1']);
});

test('OTEL_XRAY_DUMP writes every document as a line of JSON', async () => {
  const dump = join(folder, 'dump.jsonl');
  await runApp({ OTEL_XRAY_DUMP: dump, OTEL_XRAY_NESTING: 'off', OTEL_LOG_LEVEL: 'none' });
  const documents = readFileSync(dump, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(documents.map(({ name }) => name).sort()).toEqual(['127.0.0.1', 'app', 'app']);
});

test('a configuration file applies, ignored variables are reported, and the reader is loaded only for it', async () => {
  await using daemon = await startFakeDaemon();
  writeFileSync(
    join(folder, 'otel.yaml'),
    `file_format: "1.0"
log_level: info
resource: { attributes: [{ name: service.name, value: "${'$'}{NAME:-none}" }] }
tracer_provider:
  sampler: { always_on: }
  processors: [{ batch: { exporter: { xray: { daemon_address: "127.0.0.1:${daemon.endpoint.port}" } } } }]`,
  );
  const file = join(folder, 'loaded.cjs');
  writeFileSync(
    file,
    `require('node:http');
const loaded = Object.keys(require.cache).some((name) => name.endsWith('/config-file.cjs'));
console.log(loaded);
const { trace } = require(${JSON.stringify(join(root, 'node_modules/@opentelemetry/api'))});
trace.getTracer('app').startSpan('one').end();`,
  );
  const env = { NAME: 'from-file', OTEL_TRACES_SAMPLER: 'always_off', OTEL_SERVICE_NAME: 'env' };
  const end = await run(['--import', REGISTER, file], {
    cwd: folder,
    env: { ...env, OTEL_CONFIG_FILE: 'otel.yaml' },
  });
  await daemon.received(1);
  expect(end).toMatchObject({ code: 0, stdout: 'true\n' });
  expect(daemon.flat()).toMatchObject([{ name: 'from-file' }]);
  expect(lines(end, 'service from-file (OTEL_CONFIG_FILE)')).toHaveLength(1);
  expect(
    lines(end, 'a configuration file is in use: OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER'),
  ).toHaveLength(1);
  expect(await run(['--import', REGISTER, file], { env })).toMatchObject({ stdout: 'false\n' });
});

test.for([
  { validate: 'true', count: 1 },
  { validate: 'false', count: 0 },
])('OTEL_XRAY_VALIDATE=$validate reports $count problems and sends all documents', async (row) => {
  await using daemon = await startFakeDaemon();
  const file = join(folder, 'wrong.cjs');
  writeFileSync(
    file,
    `const { trace } = require(${JSON.stringify(join(root, 'node_modules/@opentelemetry/api'))});
const attributes = { 'rpc.system': 'aws-api', 'aws.xray.parameters': '{"ec2":7}' };
for (const name of ['one', 'two']) trace.getTracer('app').startSpan(name, { attributes }).end();`,
  );
  const end = await run(['--import', REGISTER, file], {
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_XRAY_VALIDATE: row.validate,
    },
  });
  await daemon.received(2);
  expect(lines(end, 'aws.ec2: not of type object: 7')).toHaveLength(row.count);
  expect(end.stderr.split('\n')).toHaveLength(row.count + 1);
});

test('OTEL_TRACES_EXPORTER=console prints spans and sends none', async () => {
  const end = await runApp({ OTEL_TRACES_EXPORTER: 'console' });
  expect(end.stdout).toContain("'http.request.method': 'GET'");
  expect(end.stderr).toBe('');
});

test('OTEL_TRACES_EXPORTER=xray,console does both', async () => {
  await using daemon = await startFakeDaemon();
  const end = await runApp({
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
    OTEL_TRACES_EXPORTER: 'xray,console',
  });
  await daemon.received(3);
  expect(end.stdout).toContain("'http.request.method': 'GET'");
});

test('OTEL_XRAY_DUMP=stdout writes the documents to the output of the application', async () => {
  const end = await runApp({ OTEL_XRAY_DUMP: 'stdout', OTEL_XRAY_NESTING: 'off' });
  const texts = end.stdout.trim().split('\n');
  expect(texts).toContain('hello');
  const documents = texts.filter((text) => text !== 'hello').map((text) => JSON.parse(text));
  expect(documents.map(({ name }) => name).sort()).toEqual(['127.0.0.1', 'app', 'app']);
});

test('OTEL_TRACES_EXPORTER=xray,otlp sends to the daemon and to a collector', async () => {
  await using daemon = await startFakeDaemon();
  const paths: string[] = [];
  const collector = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const end = await run(['--import', REGISTER, app], {
    // The package of the OTLP exporter is the app's own; the checkout has it.
    cwd: root,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_TRACES_EXPORTER: 'xray,otlp',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  await daemon.received(3);
  collector.close();
  expect(end).toMatchObject({ code: 0, stdout: 'hello\n' });
  expect(paths).toEqual(['POST /v1/traces']);
});

test('the collector of a configuration file is used regardless of variables', async () => {
  const seen: unknown[] = [];
  const collector = createServer((request, response) => {
    seen.push([request.url, request.headers['x-team']]);
    request.resume().on('end', () => response.end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const file = join(folder, 'collector.yaml');
  writeFileSync(
    file,
    `file_format: "1.0"
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http: { endpoint: "http://127.0.0.1:${port}/v1/traces", headers_list: "x-team=a" }`,
  );
  const end = await run(['--import', REGISTER, app], {
    cwd: root,
    env: {
      OTEL_CONFIG_FILE: file,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_TRACES_EXPORTER: 'console',
    },
  });
  collector.close();
  expect(end).toMatchObject({ code: 0, stdout: 'hello\n' });
  expect(seen).toEqual([['/v1/traces', 'a']]);
});

test('the settings are logged at level info', async () => {
  const end = await runApp({ OTEL_LOG_LEVEL: 'info', OTEL_TRACES_EXPORTER: 'none' });
  expect(lines(end, 'service app (OTEL_SERVICE_NAME)')).toHaveLength(1);
});

test('with NODE_OPTIONS, npm is not traced, but the application that it starts is', async () => {
  await using daemon = await startFakeDaemon();
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'by-npm', scripts: { start: `"${process.execPath}" app.cjs` } }),
  );
  const end = await run(['start', '--silent'], {
    cwd: folder,
    program: 'npm',
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      NODE_OPTIONS: `--import ${REGISTER}`,
      OTEL_LOG_LEVEL: 'info',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  await daemon.received(3);
  expect(end).toMatchObject({ code: 0, stdout: 'hello\n' });
  expect(lines(end, 'otel-xray 0.')).toEqual([expect.stringContaining('service by-npm')]);
});

test('a worker does not repeat the warning about the missing service name', async () => {
  const script = "new (require('node:worker_threads').Worker)('', { eval: true })";
  const end = await run(['--import', REGISTER, '-e', script]);
  expect(end.code).toBe(0);
  expect(lines(end, 'the service has no name')).toHaveLength(1);
});

test.for([
  { rule: 'no service name', env: {}, count: 1 },
  { rule: 'a service name', env: { OTEL_SERVICE_NAME: 'named' }, count: 0 },
  { rule: 'the package name of npm', env: { npm_package_name: 'named' }, count: 0 },
  { rule: 'no export to X-Ray', env: { OTEL_TRACES_EXPORTER: 'none' }, count: 0 },
])('$rule: the missing service name is reported $count times', async ({ env, count }) => {
  const end = await run(['--import', REGISTER, '-e', ''], { env: env as Record<string, string> });
  expect(end.code).toBe(0);
  expect(lines(end, 'the service has no name')).toHaveLength(count);
});
