import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocalXRay } from '../src/local/index.ts';
import { readPage } from './support/doc-blocks.ts';
import { startFakeDaemon } from './support/fake-daemon.ts';
import { type App, installApp } from './support/packed.ts';
import { run, start } from './support/run.ts';

const readme = readPage('README.md');

/** The fenced blocks of README in one language. */
function blocks(language: string): readonly string[] {
  const fences = readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...fences].map(([, text]) => (text as string).trim());
}

test('README has the commands that the tests here run', () => {
  expect(blocks('sh')).toEqual([
    'npm install otel-xray @opentelemetry/api\nnode --import otel-xray/register app.js',
    'npx otel-xray dev -- node app.js',
    'npm run demo\nnpm test',
  ]);
});

test('npm run demo shows every trace and ends with 0', async () => {
  const end = await run(['examples/shop/demo.ts']);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(end.stdout).not.toContain('missing');
  expect(end.stdout).toContain('! TypeError: the basket has no owner');
  expect(end.stdout).toContain('@ product.id=1');
  expect(end.stdout).toMatch(/All traces on a page: http:\/\/127\.0\.0\.1:\d+/);
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

test('the one-line start traces an app, which ends by itself', async () => {
  const xray = await startLocalXRay({ port: 0 });
  const end = await run(['--import', 'otel-xray/register', 'app.js'], {
    cwd: app.folder,
    env: { AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress, OTEL_SERVICE_NAME: 'app' },
  });
  const trace = await xray.waitFor(({ documents }) => documents.length === 2);
  await xray.close();
  expect(end).toMatchObject({ code: 0, stdout: '' });
  expect(trace.documents.map(({ name }) => name)).toEqual(['app', 'app']);
});

test('the example in code runs as it stands', async () => {
  await using daemon = await startFakeDaemon();
  const end = await run(['--import', 'otel-xray/register', 'example.mjs'], {
    cwd: app.folder,
    env: { AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}` },
  });
  expect(end).toMatchObject({ code: 0, stderr: expect.stringContaining('outside a trace') });
});

test('npx otel-xray dev -- node app.js shows the trace and passes the exit code on', async () => {
  const end = await start(
    ['node_modules/.bin/otel-xray', 'dev', '--port', '0', '--', process.execPath, 'app.js'],
    {
      cwd: app.folder,
    },
  ).finished;
  expect(end).toMatchObject({ code: 0, stdout: '' });
  expect(end.stderr).toContain('GET http://127.0.0.1');
});
