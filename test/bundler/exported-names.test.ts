import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntaxOf } from '../../src/bundler/exported-names.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-exports-'));
  const files = {
    'a.js': 'export const a = 1; export default 2; export * from "./main.js";',
    'b/index.mjs': 'export class b {} export { c as "c-d" } from "package";',
    'c.js': 'export function a() {}',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test.for([
  { rule: 'CommonJS', source: "exports.a = require('b');", isEsModule: false, names: [] },
  {
    rule: 'CommonJS with an import()',
    source: "import('b').then(module.exports)",
    isEsModule: false,
    names: [],
  },
  { rule: 'an import only', source: "import 'a';", isEsModule: true, names: [] },
  {
    rule: 'declarations, lists and names of other modules',
    source:
      "export const one = 1, two = 2; export default class {} export { one as three }; export * as all from 'x';",
    isEsModule: true,
    names: ['one', 'two', 'default', 'three', 'all'],
  },
  {
    rule: 'everything of files, but not their default',
    source: "export * from './a'; export * from './b'; export const own = 1;",
    isEsModule: true,
    names: ['own', 'a', 'b', 'c-d'],
  },
  {
    rule: 'a name of two files is left to the bundler',
    source: "export * from './a.js'; export * from './c.js';",
    isEsModule: true,
    names: [],
  },
  {
    rule: 'everything of a package is left to the bundler',
    source: "export * from 'package'; export * from './missing.js';",
    isEsModule: true,
    names: [],
  },
])('$rule', async ({ source, isEsModule, names }) => {
  expect(await syntaxOf(join(folder, 'main.js'), source)).toEqual({ isEsModule, names });
});

test('a source that is not JavaScript is rejected with a parse error', async () => {
  await expect(syntaxOf(join(folder, 'main.js'), 'export { ')).rejects.toThrow('Parse error');
});
