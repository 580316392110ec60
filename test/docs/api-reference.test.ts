import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referencePage } from '../../scripts/api/page.ts';
import { entries } from '../../scripts/api-reference.ts';
import { root } from '../../scripts/staleness.mjs';
import { readPage } from '../support/doc-blocks.ts';

const require = createRequire(import.meta.url);

test.for(entries())('every public name of $name is documented', ({ declarations }) => {
  expect(declarations.length).toBeGreaterThan(0);
  expect(declarations.filter(({ comment }) => comment === '').map(({ name }) => name)).toEqual([]);
});

test.for([
  { entry: 'otel-xray', file: 'dist/index.cjs' },
  { entry: 'otel-xray/lambda', file: 'dist/lambda.cjs' },
])('$entry exports the values in its declarations', ({ entry, file }) => {
  const declared = entries()
    .filter(({ name }) => name === entry)
    .flatMap(({ declarations }) => declarations)
    .filter(({ kind }) => kind !== 'type')
    .map(({ name }) => name);
  expect(Object.keys(require(join(root, file))).sort()).toEqual(declared.sort());
});

test('docs/api-reference.md is up to date (npm run api-reference)', () => {
  expect(readPage('docs/api-reference.md')).toBe(referencePage(entries()));
});
