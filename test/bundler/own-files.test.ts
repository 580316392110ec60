import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { OWN_FILES, ownSource } from '../../src/bundler/own-files.ts';

const dist = join(root, 'dist');
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
const read = (file: string): string => readFileSync(join(dist, file), 'utf8');
const own = files.filter((file) => OWN_FILES.test(join('/node_modules/otel-xray/dist', file)));

test('only three files load others by name', () => {
  expect(own.map((file) => file.replace(/-.{8}[.]cjs/, '.cjs')).sort()).toEqual([
    'core.cjs',
    'i/sqlite.cjs',
    'register.cjs',
  ]);
});

test.for(own.map((file) => ({ file })))('$file needs no separate path in a bundle', ({ file }) => {
  const source = ownSource(join(dist, file), read(file));
  const [first = '', ...rest] = source.split('\n');
  expect(rest.length).toBe(read(file).split('\n').length - 1);
  expect(rest.filter((line) => /__(?:file|dir)name/.test(line))).toEqual([]);
  const named = Array.from(first.matchAll(/require\("(\.\/[^"]+)"\)/g), ([, name = '']) => name);
  expect(named.filter((name) => !files.includes(name.slice(2)))).toEqual([]);
  expect(source).not.toContain('!canWrapEsModules(process');
});

test('the first chunk loads only the instrumentations of installed packages', () => {
  const core = own.find((file) => file.startsWith('core-')) as string;
  const source = ownSource(join(dist, core), read(core));
  expect(source).toContain('require("./i/http.cjs")');
  expect(source).toContain('require("./i/express.cjs")');
  expect(source).not.toContain('require("./i/amqplib.cjs")');
});

test('a file of another version of the package is rejected', () => {
  expect(() => ownSource('/node_modules/otel-xray/dist/register.cjs', 'start();')).toThrow(
    'the file does not belong to this version of otel-xray',
  );
});
