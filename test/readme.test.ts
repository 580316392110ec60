import { afterAll, beforeAll, expect, test } from 'vitest';
import { SETTINGS } from '../src/config/settings.ts';
import { startLocalXRay } from '../src/local/index.ts';
import { readPage } from './support/doc-blocks.ts';
import { startFakeDaemon } from './support/fake-daemon.ts';
import { PATIENT } from './support/local-xray.ts';
import { type App, installApp } from './support/packed.ts';
import { run, start } from './support/run.ts';

const readme = readPage('README.md');

/** Returns the fenced blocks of README in one language. */
function blocks(language: string): readonly string[] {
  const fences = readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...fences].map(([, text]) => (text as string).trim());
}

/** Returns the cells of the rows below a heading, without header and separator. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const section = readme.slice(readme.indexOf(`\n## ${heading}\n`) + 1).split('\n## ')[0] as string;
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

test('README has the commands that these tests run', () => {
  expect(blocks('sh')).toEqual([
    'npm install otel-xray @opentelemetry/api\nnode --import otel-xray/register app.js',
    'npx otel-xray dev -- node app.js',
    'npm run demo\nnpm test',
    'npx otel-xray doctor -- node --import otel-xray/register app.js',
  ]);
});

/** Rows of the comparison that show measured figures, and their sections in docs/benchmarks.md. */
const MEASURED = [
  { row: 'start, added', section: 'start' },
  { row: 'memory at start, added', section: 'memory' },
  { row: 'Lambda cold start, added', section: 'cold-start' },
  { row: 'Express request, CPU added', section: 'express' },
  { row: 'trace of four spans, CPU', section: 'trace' },
  { row: 'export of one span, CPU', section: 'export' },
];
const SUBJECTS = [
  ['otel-xray'],
  ['X-Ray SDK'],
  ['ADOT fast start', 'ADOT register', 'ADOT UDP'],
  ['OTLP/HTTP protobuf'],
];

test.for(MEASURED)('comparison: $row has the figures of docs/benchmarks.md', ({ row, section }) => {
  const benchmark = readPage('docs/benchmarks.md').split(`\n## ${section}:`)[1]?.split('\n## ')[0];
  const figure = (subject: string): string | undefined =>
    new RegExp(`^\\| ${subject} \\| ([\\d.]+) ±`, 'm').exec(benchmark as string)?.[1];
  const expected = SUBJECTS.map((names) => names.map(figure).find(Boolean) ?? '–');
  const cells = tableBelow('Comparison').find(([name]) => name === row);
  expect(cells?.slice(1).map((cell) => cell.split(' ')[0])).toEqual(expected);
});

test('README shows ten settings, which all exist', () => {
  const variables = Object.values(SETTINGS).flatMap(({ env }) => Object.keys(env));
  const shown = tableBelow('Settings').map(([name]) => name?.replaceAll('`', ''));
  expect(shown).toHaveLength(10);
  expect(shown.filter((name) => !variables.includes(name as string))).toEqual([]);
});

test('npm run demo shows every trace and exits with 0', async () => {
  const end = await run(['examples/shop/demo.ts']);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(end.stdout).not.toContain('missing');
  expect(end.stdout).toContain('! TypeError: the basket has no owner');
  expect(end.stdout).toContain('@ product.id=1');
  expect(end.stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
});

let app: App;
beforeAll(async () => {
  app = await installApp('@opentelemetry/api');
  app.file('example.mjs', blocks('js')[0] as string);
  app.file(
    'app.js',
    `const http = require('node:http');
const server = http.createServer((_, response) => response.end('hello'));
server.listen(0, '127.0.0.1', async () => {
  await fetch('http://127.0.0.1:' + server.address().port + '/hello');
  server.close();
});`,
  );
});
afterAll(() => app.remove());

test('the flag traces an app, which ends by itself', async () => {
  const xray = await startLocalXRay({ port: 0 });
  const end = await run(['--import', 'otel-xray/register', 'app.js'], {
    cwd: app.folder,
    env: { AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress, OTEL_SERVICE_NAME: 'app' },
  });
  const trace = await xray.waitFor(({ documents }) => documents.length === 2, PATIENT);
  await xray.close();
  expect(end).toMatchObject({ code: 0, stdout: '' });
  expect(trace.documents.map(({ name }) => name)).toEqual(['app', 'app']);
});

test('the example in code sends what the README says', async () => {
  await using daemon = await startFakeDaemon();
  const end = await run(['--import', 'otel-xray/register', 'example.mjs'], {
    cwd: app.folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'prices',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  expect(end).toMatchObject({ code: 0, stderr: '' });
  await daemon.until(() => daemon.flat().length === 2);
  expect(daemon.flat()).toMatchObject([
    { name: 'nightly prices' },
    {
      name: 'load prices',
      annotations: { region: 'eu' },
      metadata: { default: { source: { rows: 3 } } },
    },
  ]);
});

test('npx otel-xray dev -- node app.js shows the trace and passes the exit code on', async () => {
  const end = await start(
    ['node_modules/.bin/otel-xray', 'dev', '--port', '0', '--', process.execPath, 'app.js'],
    { cwd: app.folder },
  ).finished;
  expect(end).toMatchObject({ code: 0, stdout: '' });
  expect(end.stderr).toContain('GET http://127.0.0.1');
});

test('npx otel-xray doctor -- node … app.js finds nothing wrong', async () => {
  const xray = await startLocalXRay({ port: 0 });
  const command = [process.execPath, '--import', 'otel-xray/register', 'app.js'];
  const end = await run(['node_modules/.bin/otel-xray', 'doctor', '--', ...command], {
    cwd: app.folder,
    env: { AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress, OTEL_SERVICE_NAME: 'app' },
  });
  await xray.close();
  expect(end, end.stdout + end.stderr).toMatchObject({ code: 0 });
});
