import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { tracesOf } from '../support/app-traces.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../support/certificate.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-late-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs an app that calls `start()` after it has loaded its modules, and returns its traces. */
function tracesOfCode(name: string, code: string): Promise<readonly string[]> {
  const file = join(folder, name);
  writeFileSync(file, code);
  return tracesOf([file]);
}

const START = JSON.stringify(join(root, 'dist/index.cjs'));
const API = JSON.stringify(join(root, 'node_modules/@opentelemetry/api'));
const IDENTITY = JSON.stringify({ key: PRIVATE_KEY, cert: CERTIFICATE });

const LOADS: Readonly<Record<string, readonly [name: string, lines: string]>> = {
  require: [
    'app.cjs',
    `const http = require('http'), https = require('https'), sqlite = require('node:sqlite');`,
  ],
  import: [
    'app.mjs',
    `import * as http from 'node:http'; import https from 'node:https'; import * as sqlite from 'node:sqlite';`,
  ],
};

/** Waits for the end of the server as well, so that its segment is complete. */
const REQUEST = `
const request = (client, server, options) => new Promise((resolve) => {
  server.once('request', (_request, response) => response.once('close', resolve));
  client.get({ host: '127.0.0.1', port: server.address().port, ...options }, (r) => r.resume());
});
const listening = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
`;

test.for(Object.keys(LOADS))(
  'start() after %s traces servers, connections and modules that exist already',
  async (how) => {
    const [name, load] = LOADS[how] as readonly [string, string];
    const lines = await tracesOfCode(
      name,
      `${load}${REQUEST}
const database = new sqlite.DatabaseSync(':memory:');
const answer = (_request, response) => {
  database.exec('SELECT 1');
  response.end('ok');
};
async function main() {
  const plain = await listening(http.createServer(answer));
  const secure = await listening(https.createServer(${IDENTITY}, answer));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await request(http, plain, { path: '/before', agent });
  (await import(${START})).default.start();
  await request(http, plain, { path: '/reused', agent });
  await request(https, secure, { path: '/secure', rejectUnauthorized: false });
  agent.destroy();
  plain.close();
  secure.close();
}
main();`,
    );
    expect(lines).toEqual([
      'app (segment)',
      '  127.0.0.1  remote  GET /reused 200',
      '    app (segment)  GET /reused 200',
      '      :memory:  remote',
      'app (segment)',
      '  127.0.0.1  remote  GET /secure 200',
      '    app (segment)  GET /secure 200',
      '      :memory:  remote',
    ]);
  },
);

// As Next.js does: it calls `start()` before it handles its first requests, twice with middleware.
test('a framework that starts tracing with its first requests has a segment for each', async () => {
  const lines = await tracesOfCode(
    'framework.cjs',
    `const http = require('http');${REQUEST}
const handled = (request, work) => {
  const attributes = {
    'next.span_type': 'BaseServer.handleRequest',
    'http.method': request.method,
    'http.target': request.url,
  };
  const { trace } = require(${API});
  trace.getTracer('next.js').startActiveSpan(request.method, { attributes }, (span) => {
    work(trace.getTracer('next.js'));
    span.end();
  });
};
const step = (type, route) => (tracer) =>
  tracer.startSpan(type, { attributes: { 'next.span_type': type, 'next.route': route } }).end();

let second;
const waiting = [];
const server = http.createServer((request, response) => {
  waiting.push(() => {
    handled(request, step('Middleware.execute'));
    handled(request, step('Node.runHandler', '/[page]'));
    response.end();
  });
  if (waiting.length === 1) second = get('/b');
  if (waiting.length === 2) {
    require(${START}).start();
    for (const handle of waiting) handle();
  }
  if (waiting.length === 3) waiting[2]();
});
const get = (path) => request(http, server, { path });
async function main() {
  await listening(server);
  await get('/a');
  await second;
  await get('/later');
  server.close();
}
main();`,
  );
  const handled = (path: string): readonly string[] => [
    `app (segment)  GET ${path} 200  route /[page]`,
    '  middleware',
    '  route handler',
  ];
  expect(lines).toEqual([
    ...handled('/a'),
    ...handled('/b'),
    'app (segment)',
    '  127.0.0.1  remote  GET /later 200',
    ...handled('/later').map((line) => `    ${line}`),
  ]);
});
