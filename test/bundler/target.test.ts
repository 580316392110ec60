import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HookedFile } from '../../src/bundler/hooked-files.ts';
import { TARGET_FILES, targetFinder } from '../../src/bundler/target.ts';

/** Packages in a folder; a text is a package.json as it is. */
const MANIFESTS: Readonly<Record<string, object | string>> = {
  express: { version: '5.3.0' },
  pg: {
    version: '8.23.1',
    main: './lib',
    exports: {
      '.': { import: './esm/index.mjs', require: './lib/index.js' },
      './lib/*': './lib/*',
    },
  },
  graphql: { version: '16.15.0', main: 'index', module: 'index.mjs' },
  '@smithy/core': { version: '3.32.0', main: './dist-cjs/index.js', module: './dist-es/index.js' },
  hono: { version: '4.13.0', exports: { '.': ['./dist/index.js', { default: './other.js' }] } },
  koa: { version: '1.0.0' },
  fastify: { version: '6.0.0' },
  mysql: '{ "version": ',
  redis: { name: 'redis' },
  'aws-xray-sdk-core': { version: '3.12.0', main: 'dist/lib/index.js' },
  unknown: { version: '1.0.0' },
};

const HOOKED: readonly HookedFile[] = [
  { name: 'express', versions: ['>=4.0.0 <6'] },
  { name: 'pg', versions: ['>=8.0.3 <9'] },
  { name: 'pg/lib/client.js', versions: ['>=2 <3', '>=8.0.3 <9'] },
  { name: 'graphql/execution/execute.js', versions: ['>=14.0.0 <17'] },
  { name: '@smithy/core/dist-cjs/submodules/client/index.js', versions: ['>=3.24.0'] },
  { name: 'hono', versions: undefined },
  { name: 'koa', versions: ['>=2.0.0 <4'] },
];

let folder: string;
const warnings: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-bundler-'));
  for (const [name, manifest] of Object.entries(MANIFESTS)) {
    const path = join(folder, 'node_modules', name, 'package.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function nameOf(file: string, xraySdkFacade = true): string | undefined {
  const find = targetFinder({
    warn: (message) => warnings.push(message.replaceAll(folder, '')),
    xraySdkFacade,
    hookedFiles: (packageName) =>
      HOOKED.filter(({ name }) => name === packageName || name.startsWith(`${packageName}/`)),
  });
  return find(join(folder, file))?.name;
}

test.for([
  { rule: 'the main file without a field', file: 'express/index.js', name: 'express' },
  { rule: 'an internal file without a hook', file: 'express/lib/view.js', name: undefined },
  { rule: 'a main field that is a folder', file: 'pg/lib/index.js', name: 'pg' },
  { rule: 'a condition of the main export', file: 'pg/esm/index.mjs', name: 'pg' },
  { rule: 'an internal file with a hook', file: 'pg/lib/client.js', name: 'pg/lib/client.js' },
  { rule: 'another export than the main one', file: 'pg/lib/utils.js', name: undefined },
  {
    rule: 'the ES module with the name of a hooked file',
    file: 'graphql/execution/execute.mjs',
    name: 'graphql/execution/execute.js',
  },
  { rule: 'the main file of a package whose hooks are internal', file: 'graphql/index.mjs' },
  {
    rule: 'the folder of ES modules beside that of CommonJS',
    file: '@smithy/core/dist-es/submodules/client/index.js',
    name: '@smithy/core/dist-cjs/submodules/client/index.js',
  },
  { rule: 'an array of exports', file: 'hono/dist/index.js', name: 'hono' },
  { rule: 'a version below the range', file: 'koa/index.js', name: undefined },
  { rule: 'a package without an instrumentation', file: 'unknown/index.js', name: undefined },
  {
    rule: 'the X-Ray SDK',
    file: 'aws-xray-sdk-core/dist/lib/index.js',
    name: 'aws-xray-sdk-core',
  },
  {
    rule: 'a file of the X-Ray SDK that apps load',
    file: 'aws-xray-sdk-core/dist/lib/segments/segment.js',
    name: 'aws-xray-sdk-core/dist/lib/segments/segment.js',
  },
  {
    rule: 'another file of the X-Ray SDK',
    file: 'aws-xray-sdk-core/dist/lib/utils.js',
    name: undefined,
  },
])('$rule', ({ file, name }) => {
  warnings.length = 0;
  expect(nameOf(`node_modules/${file}`)).toBe(name);
  expect(warnings).toEqual([]);
});

test('a file outside node_modules is not instrumented', () => {
  expect(nameOf('express/index.js')).toBeUndefined();
});

test('a version that publishes tracing channels is left unchanged without a warning', () => {
  const path = join(folder, 'node_modules/graphql/package.json');
  const manifest = MANIFESTS['graphql'];
  writeFileSync(path, JSON.stringify({ ...(manifest as object), version: '17.0.0' }));
  warnings.length = 0;
  expect(nameOf('node_modules/graphql/execution/execute.js')).toBeUndefined();
  expect(warnings).toEqual([]);
  writeFileSync(path, JSON.stringify(manifest));
});

test('the X-Ray SDK is not replaced when the facade is off', () => {
  expect(nameOf('node_modules/aws-xray-sdk-core/dist/lib/index.js', false)).toBeUndefined();
});

test.for([
  {
    rule: 'a version above the range',
    file: 'fastify/fastify.js',
    message:
      'fastify is left unchanged and not traced: fastify 6.0.0 is not instrumented: instrumentation ' +
      'fastify supports versions below 6. Look for a newer otel-xray, or use fastify below 6; ' +
      'OTEL_NODE_DISABLED_INSTRUMENTATIONS=fastify ends this message.',
  },
  {
    rule: 'a broken package.json',
    file: 'mysql/index.js',
    message: expect.stringMatching(
      /^mysql is left unchanged and not traced: \/node_modules\/mysql\/package\.json cannot be read \(.+JSON.+\)$/,
    ),
  },
  {
    rule: 'no package.json',
    file: 'ioredis/index.js',
    message: expect.stringMatching(
      /^ioredis is left unchanged .*package\.json cannot be read \(ENOENT/,
    ),
  },
  {
    rule: 'a package.json without a version',
    file: 'redis/index.js',
    message:
      'redis is left unchanged and not traced: /node_modules/redis/package.json has no version',
  },
])('$rule: the file is not changed, with a warning', ({ file, message }) => {
  warnings.length = 0;
  expect(nameOf(`node_modules/${file}`)).toBeUndefined();
  expect(warnings).toEqual([message]);
});

test.for([
  { file: '/app/node_modules/express/index.js', matches: true },
  { file: '/app/node_modules/.pnpm/express@5.3.0/node_modules/express/index.js', matches: true },
  { file: 'C:\\app\\node_modules\\@smithy\\core\\dist-cjs\\index.js', matches: true },
  { file: '/app/node_modules/pg/esm/index.mjs', matches: true },
  { file: '/app/node_modules/pg/esm/index.mjs?otel-xray', matches: false },
  { file: '/app/node_modules/pg/package.json', matches: false },
  { file: '/app/node_modules/pg-native/index.js', matches: false },
  { file: '/app/node_modules/socketXio/index.js', matches: false },
  { file: '/app/src/express/index.js', matches: false },
])('files that bundlers pass on: $file', ({ file, matches }) => {
  expect(TARGET_FILES.test(file)).toBe(matches);
});
