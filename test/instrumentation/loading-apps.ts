import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { canWrapEsModules } from '../../src/instrumentation/loading/esm.ts';
import { type App, installApp } from '../support/packed.ts';

/** A server on loopback that the apps call, and what it takes to end. */
const SERVE = `
const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ id: '1', object: 'chat.completion', model: 'm', choices: [] }));
}).listen(0, '127.0.0.1', main);
const url = () => 'http://127.0.0.1:' + server.address().port;
const span = (name, run) => trace.getTracer('app').startActiveSpan(name, async (span) => {
  try { await run(); } finally { span.end(); }
});
`;
const CHAT = `
async function main() {
  await span('task', async () => {
    const client = new OpenAI({ apiKey: 'none', baseURL: url() });
    await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  });
  server.close();
}
`;
const TRACED_CHAT = [
  'loads segment',
  '  127.0.0.1 subsegment 200 http://127.0.0.1/chat/completions',
  '    127.0.0.1 subsegment 200 http://127.0.0.1/chat/completions',
  '      loads segment 200 http://127.0.0.1/chat/completions',
];
const GET = `
async function main() {
  await span('task', () => get(url() + '/x'));
  server.close();
}
`;
const TRACED_GET = [
  'loads segment',
  '  127.0.0.1 subsegment 200 http://127.0.0.1/x',
  '    loads segment 200 http://127.0.0.1/x',
];
const FETCH = 'const get = (address) => fetch(address).then((answer) => answer.text());';

export interface LoadingApp {
  readonly rule: string;
  readonly file: string;
  readonly text: string;
  /** Other files that it loads. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly trace: readonly string[];
  /** Whether this version of Node can do it; any can when absent. */
  readonly since?: (node: string) => boolean;
}

/** Every way in which a package or builtin module comes to an app. */
export const LOADING_APPS: readonly LoadingApp[] = [
  {
    rule: 'a package that is pure ESM when it is imported',
    since: canWrapEsModules,
    file: 'openai.mjs',
    text: `import OpenAI from 'openai';
import http from 'node:http';
import { trace } from '@opentelemetry/api';
${SERVE}${CHAT}`,
    trace: TRACED_CHAT,
  },
  {
    rule: 'its CommonJS form',
    file: 'openai.cjs',
    text: `const { OpenAI } = require('openai');
const http = require('node:http');
const { trace } = require('@opentelemetry/api');
${SERVE}${CHAT}`,
    trace: TRACED_CHAT,
  },
  ...['file', 'pathToFileURL(file).href'].map((specifier, index) => ({
    rule: `its ESM form by import(${specifier}), as in development servers`,
    since: canWrapEsModules,
    file: `openai-by-file-${index}.mjs`,
    text: `import http from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { trace } from '@opentelemetry/api';
const file = fileURLToPath(import.meta.resolve('openai'));
const { default: OpenAI } = await import(${specifier});
${SERVE}${CHAT}`,
    trace: TRACED_CHAT,
  })),
  {
    rule: 'its ESM form by a link with another name, as in builds of Next.js',
    since: canWrapEsModules,
    file: 'openai-by-link.mjs',
    text: `import { symlinkSync } from 'node:fs';
import http from 'node:http';
import { trace } from '@opentelemetry/api';
const link = 'openai-' + process.pid.toString(16);
symlinkSync('openai', new URL('node_modules/' + link, import.meta.url));
const { default: OpenAI } = await import(link);
${SERVE}${CHAT}`,
    trace: TRACED_CHAT,
  },
  {
    rule: 'its ESM form by import() in a CommonJS app',
    since: canWrapEsModules,
    file: 'import-openai.cjs',
    text: `const http = require('node:http');
const { trace } = require('@opentelemetry/api');
${SERVE}${CHAT.replace('const client', "const { OpenAI } = await import('openai');\n    const client")}`,
    trace: TRACED_CHAT,
  },
  {
    rule: 'fetch',
    file: 'fetch.mjs',
    text: `import http from 'node:http';
import { trace } from '@opentelemetry/api';
${FETCH}${SERVE}${GET}`,
    trace: TRACED_GET,
  },
  {
    rule: 'a named import of http',
    file: 'named.mjs',
    text: `import http, { get as httpGet } from 'node:http';
import { trace } from '@opentelemetry/api';
const get = (address) => new Promise((end) => httpGet(address, (answer) => answer.resume().on('end', end)));
${SERVE}${GET}`,
    trace: TRACED_GET,
  },
  {
    rule: 'its ESM form, imported by an ES module that a CommonJS app requires',
    since: canWrapEsModules,
    file: 'require-openai.cjs',
    text: `const { OpenAI } = require('./openai-lib.mjs');
const http = require('node:http');
const { trace } = require('@opentelemetry/api');
${SERVE}${CHAT}`,
    files: { 'openai-lib.mjs': "export { OpenAI } from 'openai';" },
    trace: TRACED_CHAT,
  },
  ...['esm-lib/index.js', 'lib.mjs'].map((library) => ({
    rule: `https in ${library}, an ES module that a CommonJS app requires`,
    since: canWrapEsModules,
    file: library.replaceAll(/\W/g, '-').concat('.cjs'),
    text: `const { get } = require('./${library}');
const http = require('node:http');
const { trace } = require('@opentelemetry/api');
const server = http.createServer((request, response) => response.end()).listen(0, '127.0.0.1', main);
async function main() {
  await trace.getTracer('app').startActiveSpan('task', async (span) => {
    await get('https://127.0.0.1:' + server.address().port + '/x');
    span.end();
  });
  server.close();
}`,
    files: {
      'esm-lib/package.json': '{ "type": "module" }',
      [library]: `import { get as httpsGet } from 'node:https';
export const get = (address) => new Promise((end) => httpsGet(address).on('error', end));`,
    },
    trace: ['loads segment', '  127.0.0.1 subsegment https://127.0.0.1/x'],
  })),
  {
    rule: 'an app in TypeScript by type stripping',
    since: (node) => Number.parseInt(node, 10) >= 24,
    file: 'app.mts',
    text: `import http, { get as httpGet } from 'node:http';
import { trace } from '@opentelemetry/api';
const get = (address: string): Promise<void> =>
  new Promise((end) => httpGet(address, (answer) => answer.resume().on('end', end)));
${SERVE.replace('(name, run)', '(name: string, run: () => Promise<void>)')}${GET}`,
    trace: TRACED_GET,
  },
  {
    rule: 'a worker thread',
    file: 'worker.mjs',
    text: `import { Worker } from 'node:worker_threads';
new Worker(new URL('./fetch.mjs', import.meta.url));`,
    trace: TRACED_GET,
  },
  {
    rule: 'register loaded by --require and by --import',
    file: 'fetch.mjs',
    text: '',
    args: ['--require', 'otel-xray/register'],
    trace: TRACED_GET,
  },
  {
    rule: 'a package in two versions',
    file: 'two.cjs',
    text: `const http = require('node:http');
const { trace } = require('@opentelemetry/api');
const app = require('express')();
app.use('/four', require('./legacy/express.cjs')().get('/:id', (request, response) => response.json({})));
app.get('/five/:id', (request, response) => response.json({}));
const { json } = require('node:stream/consumers');
const server = app.listen(0, '127.0.0.1', async () => {
  const call = (path) => new Promise((end) =>
    http.get('http://127.0.0.1:' + server.address().port + path, (answer) => answer.resume().on('end', end)));
  await trace.getTracer('app').startActiveSpan('task', async (span) => {
    await call('/four/1');
    await call('/five/1');
    span.end();
  });
  server.close();
});`,
    trace: [
      'loads segment',
      '  127.0.0.1 subsegment 200 http://127.0.0.1/four/1',
      '    loads segment 200 http://127.0.0.1/four/1',
      '      request handler subsegment',
      '  127.0.0.1 subsegment 200 http://127.0.0.1/five/1',
      '    loads segment 200 http://127.0.0.1/five/1',
      '      request handler subsegment',
    ],
  },
];

/** An app folder that has all of them, and Express 4 below one of its folders. */
export async function installLoadingApps(): Promise<App> {
  const app = await installApp(
    '@opentelemetry/api@1.9.1',
    'openai@6.49.0',
    'express@5.3.0',
    'express4@npm:express@4.22.1',
  );
  const legacy = join(app.folder, 'legacy/node_modules');
  mkdirSync(legacy, { recursive: true });
  renameSync(join(app.folder, 'node_modules/express4'), join(legacy, 'express'));
  app.file('legacy/express.cjs', "module.exports = require('express');");
  for (const { file, text, files = {} } of LOADING_APPS) {
    if (text !== '') app.file(file, text);
    for (const [name, content] of Object.entries(files)) app.file(name, content);
  }
  return app;
}
