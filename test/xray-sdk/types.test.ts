import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';

const PROGRAM = join(import.meta.dirname, 'typed/program.ts');
const folder = mkdtempSync(join(tmpdir(), 'otel-xray-types-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Type-checks the program; returns what the compiler prints. */
async function check(name: string, paths: Readonly<Record<string, readonly string[]>>) {
  const file = join(folder, `${name}.json`);
  const compilerOptions = {
    noEmit: true,
    isolatedDeclarations: false,
    declaration: false,
    rootDir: '/',
    skipLibCheck: true,
    typeRoots: [join(root, 'node_modules/@types')],
    paths,
  };
  writeFileSync(
    file,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: [],
      files: [PROGRAM],
    }),
  );
  const tsc = join(root, 'node_modules/.bin/tsc');
  return promisify(execFile)(tsc, ['-p', file], { cwd: root }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test('code that compiles with the types of the X-Ray SDK compiles with ours', async () => {
  const facade = join(root, 'src/xray-sdk.ts');
  expect(await check('sdk', {})).toBe('');
  expect(await check('facade', { 'aws-xray-sdk': [facade] })).toBe('');
  const other = join(root, 'src/version.ts');
  expect(await check('other', { 'aws-xray-sdk': [other] })).toContain('has no default export');
});
