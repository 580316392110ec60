import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { tracesOf } from '../support/app-traces.ts';
import { run } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-first-use-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const CALL_ITSELF = `
const server = http.createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1', path: '/x' }, (response) => {
    response.resume().on('end', () => server.close());
  });
});
`;
const IMPORTS = `import { createServer, get } from 'node:http';
const http = { createServer, get };${CALL_ITSELF}`;
const FUNCTION = `import { createServer, get } from 'node:http';
export const callItself = () => {
  const http = { createServer, get };${CALL_ITSELF}};`;

const ONE_TRACE = [
  'app (segment)',
  '  127.0.0.1  remote  GET /x 200',
  '    app (segment)  GET /x 200',
];

interface Way {
  readonly rule: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const WAYS: readonly Way[] = [
  {
    rule: 'require',
    args: ['require.cjs'],
    files: { 'require.cjs': `const http = require('http');${CALL_ITSELF}` },
  },
  {
    rule: 'process.getBuiltinModule',
    args: ['builtin.cjs'],
    files: {
      'builtin.cjs': `const http = process.getBuiltinModule('http');${CALL_ITSELF}`,
    },
  },
  {
    rule: 'the name of its part with the server',
    args: ['part.cjs'],
    files: {
      'part.cjs': `const { Server } = require('_http_server');
const createServer = (listener) => new Server(listener);
const http = { createServer, get: (...args) => require('http').get(...args) };${CALL_ITSELF}`,
    },
  },
  { rule: 'an ES module', args: ['app.mjs'], files: { 'app.mjs': IMPORTS } },
  {
    rule: 'import() in a CommonJS app',
    args: ['import.cjs'],
    files: { 'import.cjs': `import('node:http').then(({ default: http }) => {${CALL_ITSELF}});` },
  },
  {
    rule: 'an ES module that a CommonJS app imports',
    args: ['lib-user.cjs'],
    files: {
      'lib-user.cjs': `import('./imported/index.js').then(({ callItself }) => callItself());`,
      'imported/package.json': '{ "type": "module" }',
      'imported/index.js': FUNCTION,
    },
  },
  {
    rule: 'an ES module with the extension .js that a CommonJS app requires',
    args: ['lib-requirer.cjs'],
    files: {
      'lib-requirer.cjs': `require('./required/index.js').callItself();`,
      'required/package.json': '{ "type": "module" }',
      'required/index.js': FUNCTION,
    },
  },
  {
    rule: 'an ES module of a package that calls it as a CommonJS app requires the package',
    args: ['early-requirer.cjs'],
    files: {
      'early-requirer.cjs': `require('early');`,
      'node_modules/early/package.json': '{ "type": "module", "main": "./index.js" }',
      'node_modules/early/index.js': IMPORTS,
    },
  },
  {
    rule: 'such a package after other code has wrapped the function that compiles it',
    args: ['wrapped-requirer.cjs'],
    files: {
      'wrapped-requirer.cjs': `const { prototype } = require('module');
const { _compile: compile } = prototype;
prototype._compile = function (...args) { return compile.apply(this, args); };
require('wrapped');`,
      'node_modules/wrapped/package.json': '{ "type": "module", "main": "./index.js" }',
      'node_modules/wrapped/index.js': IMPORTS,
    },
  },
  {
    rule: 'a file with ES module syntax that a CommonJS app requires',
    args: ['syntax-requirer.cjs'],
    files: {
      'syntax-requirer.cjs': `require('./could-be.js').callItself();`,
      'could-be.js': FUNCTION,
    },
  },
  {
    rule: 'ES module syntax in a file that could be CommonJS',
    args: ['syntax.js'],
    files: { 'syntax.js': `/* a bundle */ ${IMPORTS}` },
  },
  {
    rule: 'standard input',
    args: ['--input-type=module', '-'],
    input: IMPORTS,
  },
  {
    rule: '--eval',
    args: ['--input-type=module', '--eval', IMPORTS],
  },
  {
    rule: 'a worker thread',
    args: ['worker.cjs'],
    files: {
      'worker.cjs': `const { Worker } = require('node:worker_threads');
new Worker(require.resolve('./thread.cjs'));`,
      'thread.cjs': `const http = require('http');${CALL_ITSELF}`,
    },
  },
];

test.for(WAYS)('http is traced when it first comes from $rule', async ({ args, files, input }) => {
  write(files ?? {});
  expect(await tracesWithRegister(args, input)).toEqual(ONE_TRACE);
});

test('a worker thread of a text is traced with --require', async () => {
  const thread = `const http = require('http');${CALL_ITSELF}`;
  write({
    'text-worker.cjs': `const { Worker } = require('node:worker_threads');
new Worker(${JSON.stringify(thread)}, { eval: true });`,
  });
  expect(await tracesOf(['--require', REGISTER, 'text-worker.cjs'], { cwd: folder })).toEqual(
    ONE_TRACE,
  );
});

test('a command of an ES package is traced when a CommonJS app starts it by its link', async () => {
  write({
    'linked/package.json': '{ "type": "commonjs" }',
    'linked/node_modules/tool/package.json': '{ "type": "module" }',
    'linked/node_modules/tool/main.js': IMPORTS,
    'linked/node_modules/.bin/keep': '',
  });
  symlinkSync('../tool/main.js', join(folder, 'linked/node_modules/.bin/tool.js'));
  expect(await tracesWithRegister(['linked/node_modules/.bin/tool.js'])).toHaveLength(3);
});

test.for(['app.cjs', 'app.mjs'])('%s without requests does not load http', async (name) => {
  write({
    [name]: `console.log(process.moduleLoadList.filter((each) => each === 'NativeModule http').length)`,
  });
  const end = await run(['--import', REGISTER, name], {
    cwd: folder,
    env: { OTEL_SERVICE_NAME: 'app' },
  });
  expect(end).toMatchObject({ code: 0, stdout: '0\n', stderr: '' });
});

/** Runs an app with the tracer and returns its traces. */
function tracesWithRegister(args: readonly string[], input = ''): Promise<readonly string[]> {
  return tracesOf(['--import', REGISTER, ...args], { cwd: folder, input });
}
