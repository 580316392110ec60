import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { passedOn, relativePath } from '../../scripts/build/direct-lazy.ts';
import { root } from '../../scripts/staleness.mjs';

const HEAD =
  '"use strict";\n\nObject.defineProperty(exports, Symbol.toStringTag, { value: \'Module\' });';
const RUNTIME = 'const require_rolldown_runtime = require("../rolldown-runtime-C8DeRIxm.cjs");';
const LOAD = 'const require_export = require("../export-B-HhDCGO.cjs");';

test.each([
  [
    'names of one chunk',
    [HEAD, RUNTIME, LOAD, 'exports.a = require_export.a;'],
    'export-B-HhDCGO.cjs',
  ],
  ['another name', [HEAD, LOAD, 'exports.a = require_export.b;'], undefined],
  ['two chunks', [LOAD, 'const require_core = require("../core-x.cjs");'], undefined],
  ['code of its own', [HEAD, LOAD, 'function a() {}', 'exports.a = a;'], undefined],
])('a file passes on %s: %#', (_what, lines, target) => {
  expect(passedOn(lines.join('\n'))).toBe(target);
});

test('no file of the build only passes on what a lazy call needs', () => {
  const folder = join(root, 'dist/lazy');
  const files = readdirSync(folder);
  const needless = files.filter((file) => passedOn(readFileSync(join(folder, file), 'utf8')));
  expect([files.includes('truncate.cjs'), needless]).toEqual([true, []]);
});

test.each([
  ['core-x.cjs', 'lazy/client.cjs', './lazy/client.cjs'],
  ['lazy/exceptions.cjs', 'lazy/client.cjs', './client.cjs'],
  ['lazy/exceptions.cjs', 'export-x.cjs', '../export-x.cjs'],
  ['core-x.cjs', 'export-x.cjs', './export-x.cjs'],
])('%s loads %s by its relative path', (from, to, path) => {
  expect(relativePath(from, to)).toBe(path);
});

/** What a file of the package loads by a relative path, in a call of `require`. */
const LOADED = /\brequire\("(\.{1,2}\/[^"]+)"\)/g;

test('every file that a file of the build loads is there', () => {
  const dist = join(root, 'dist');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.cjs'),
  );
  const loads = files.flatMap((file) =>
    [...readFileSync(join(dist, file), 'utf8').matchAll(LOADED)].map(([, path = '']) => ({
      file,
      path,
    })),
  );
  const missing = loads.filter(({ file, path }) => !existsSync(join(dist, dirname(file), path)));
  expect(loads).toContainEqual({ file: 'lazy/exceptions.cjs', path: './foreign-stacks.cjs' });
  expect(missing).toEqual([]);
});
