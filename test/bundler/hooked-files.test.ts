import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import {
  HOOKED_PACKAGES,
  type HookedFile,
  hookedFiles,
  type LoadInstrumentation,
} from '../../src/bundler/hooked-files.ts';

const require = createRequire(join(root, 'dist/index.cjs'));
const load: LoadInstrumentation = (name) => require(`./i/${name}.cjs`);

test('every package of the table has files, each below its name', () => {
  const wrong = HOOKED_PACKAGES.filter((packageName) => {
    const files = hookedFiles(packageName, load);
    const isBelow = ({ name }: { readonly name: string }): boolean =>
      name === packageName || name.startsWith(`${packageName}/`);
    return files.length === 0 || !files.every(isBelow);
  });
  expect(wrong).toEqual([]);
});

const CASES: readonly {
  readonly rule: string;
  readonly packageName: string;
  readonly files: readonly HookedFile[];
}[] = [
  {
    rule: 'the main file and internal files',
    packageName: 'pg',
    files: [
      { name: 'pg', versions: ['>=8.0.3 <9'] },
      { name: 'pg/lib/native/client.js', versions: ['>=8.0.3 <9'] },
      { name: 'pg/lib/client.js', versions: ['>=8.0.3 <9'] },
    ],
  },
  {
    rule: 'internal files only',
    packageName: '@smithy/core',
    files: [{ name: '@smithy/core/dist-cjs/submodules/client/index.js', versions: ['>=3.24.0'] }],
  },
  {
    rule: 'an instrumentation without definitions',
    packageName: 'fastify',
    files: [{ name: 'fastify', versions: undefined }],
  },
];

test.for(CASES)('$rule: $packageName', ({ packageName, files }) => {
  const found = hookedFiles(packageName, load);
  const byName = (a: HookedFile, b: HookedFile): number => a.name.localeCompare(b.name, 'en');
  expect([...found].sort(byName)).toEqual([...files].sort(byName));
});
