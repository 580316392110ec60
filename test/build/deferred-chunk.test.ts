import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { withDeferred } from '../../scripts/build/deferred-chunk.ts';
import { root } from '../../scripts/staleness.mjs';

const register = join(root, 'dist/register.cjs');

/** Runs a program with `register`; its output is the list of loaded files of otel-xray. */
function loadedFiles(
  program: string,
  env: Readonly<Record<string, string>> = {},
): readonly string[] {
  const print =
    "const loaded = () => Object.keys(require('module')._cache).map((file) => file.split('/dist/')[1]);";
  const output = execFileSync(
    process.execPath,
    ['--import', register, '--eval', `${print}${program}`],
    { encoding: 'utf8', env: { OTEL_LOG_LEVEL: 'none', OTEL_TRACES_SAMPLER: 'always_on', ...env } },
  );
  return (JSON.parse(output) as (string | null)[])
    .filter((file) => file !== null)
    .map((file) => file.replace(/-[\w-]{8}\.cjs$/, ''));
}

test('loads a chunk at the first use of one of its names', () => {
  const code = 'const require_spans = require("./spans-x_1-y.cjs");\nnew require_spans.Span();';
  expect(withDeferred(code, 'spans')).toBe(
    [
      'const require_spans = {',
      '\tvalue: void 0,',
      '\tget loaded() {',
      '\t\treturn this.value ??= module.exports.untraced(() => require("./spans-x_1-y.cjs"));',
      '\t}',
      '};',
      'new require_spans.loaded.Span();',
    ].join('\n'),
  );
});

test('loads a chunk through another chunk that can do so untraced', () => {
  const code = 'const require_spans = require("../spans-x_1-y.cjs");\nrequire_spans.f();';
  expect(withDeferred(code, 'spans', 'require_core')).toBe(
    [
      'const require_spans = {',
      '\tvalue: void 0,',
      '\tget loaded() {',
      '\t\treturn this.value ??= require_core.untraced(() => require("../spans-x_1-y.cjs"));',
      '\t}',
      '};',
      'require_spans.loaded.f();',
    ].join('\n'),
  );
});

test('a program without spans does not load what spans need', () => {
  const files = loadedFiles('console.log(JSON.stringify(loaded()))');
  expect(files).toContain('core');
  expect(files).not.toContain('spans');
});

test('a program that loads http without a request does not load what requests need', () => {
  const files = loadedFiles(
    "require('http'); setTimeout(() => console.log(JSON.stringify(loaded())), 1)",
  );
  expect(files).toContain('i/http.cjs');
  expect(files).not.toContain('requests');
});

test('the first request loads what requests need', () => {
  const files = loadedFiles(
    "require('http').get('http://127.0.0.1:1').on('error', () => console.log(JSON.stringify(loaded())))",
  );
  expect(files).toContain('requests');
});

test('what spans need is loaded in the first turn of the event loop', () => {
  const files = loadedFiles('setTimeout(() => console.log(JSON.stringify(loaded())), 1)');
  expect(files).toContain('spans');
});

test('the first invocation of a Lambda function that fails loads what an error needs, and nothing else of what spans need', () => {
  const runtime = join(root, 'scripts/build/profile/lambda.cjs');
  const files = loadedFiles(
    `process.once('exit', () => console.log(JSON.stringify(loaded()))); require(${JSON.stringify(runtime)});`,
    {
      AWS_LAMBDA_FUNCTION_NAME: 'fails',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
      LAMBDA_TASK_ROOT: dirname(runtime),
      _HANDLER: 'function.failing',
    },
  );
  expect(files).toContain('errors');
  expect(files).toContain('lazy/exceptions.cjs');
  expect(files).not.toContain('spans');
});
