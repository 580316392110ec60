import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { passedOn } from '../../scripts/build/direct-lazy.ts';
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
