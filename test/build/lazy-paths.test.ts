import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { relativePath } from '../../scripts/build/lazy-paths.ts';
import { root } from '../../scripts/staleness.mjs';

test.each([
  ['core-x.cjs', 'lazy/client.cjs', './lazy/client.cjs'],
  ['lazy/exceptions.cjs', 'lazy/client.cjs', './client.cjs'],
  ['i/http.cjs', 'lazy/client.cjs', '../lazy/client.cjs'],
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
