import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { withEagerFunctions } from '../../scripts/build/eager-functions.ts';
import { root } from '../../scripts/staleness.mjs';

const CODE = `"use strict";

// src/a.ts
const early = twice(2);
function twice(n) {
	return 2 * n;
}
function rare() {
	return 0;
}

// src/b.ts
async function first() {
	function inner() {}
	return inner();
}
results.push(early, twice.name, first.name, String(first));
`;

const offsets = new Set(
  ['function twice', 'async function first', 'function inner'].map((text) => CODE.indexOf(text)),
);

test('functions that run are at the top, in parentheses; others stay declarations', () => {
  expect(withEagerFunctions(CODE, offsets)).toBe(`"use strict";

// src/a.ts
var twice = (function twice(n) {
	return 2 * n;
});

// src/b.ts
var first = (async function first() {
	function inner() {}
	return inner();
});

// src/a.ts
const early = twice(2);
function rare() {
	return 0;
}

// src/b.ts
results.push(early, twice.name, first.name, String(first));
`);
});

test('a program without such functions is not changed', () => {
  expect(withEagerFunctions(CODE, new Set([CODE.indexOf('const early')]))).toBe(CODE);
});

test('the program has the same results', () => {
  const resultsOf = (code: string): unknown => {
    const results: unknown[] = [];
    runInNewContext(code, { results });
    return results;
  };
  expect(resultsOf(withEagerFunctions(CODE, offsets))).toEqual(resultsOf(CODE));
});

/** Returns the code of the files of a chunk. */
function codeOf(chunk: string): string {
  const folder = join(root, 'dist');
  const files = readdirSync(folder).filter((file) => file.startsWith(`${chunk}-`));
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
}

test('the exporter compiles with its file what a first trace runs', () => {
  expect(codeOf('export')).toContain('\nvar toPartialDocuments = (function toPartialDocuments(');
  expect(codeOf('export')).toContain('\nfunction sampleInvocation(');
});

test('what a start loads compiles each function at its first call', () => {
  expect(codeOf('core')).toContain('\nfunction startPipeline(');
  expect(codeOf('lambda')).toContain('\nfunction wrapWith(');
});
