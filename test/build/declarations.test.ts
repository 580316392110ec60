import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeUnusedDeclarations } from '../../scripts/build/declarations.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('declarations that no entry imports are deleted', () => {
  const folder = folderWith({
    'index.d.ts': "export * from './a/one.ts';\nimport type { Span } from '@opentelemetry/api';\n",
    'testing.d.ts': "export declare const x: import('./a/two.js').Two;\n",
    'a/one.d.ts': "import '../side.ts';\nexport * from './two.ts';\n",
    'a/two.d.ts': "export { Index } from '../index.ts';\n",
    'side.d.ts': 'export {};\n',
    'internal.d.ts': "export * from './a/one.ts';\n",
    'a/internal.d.ts': 'export {};\n',
  });
  removeUnusedDeclarations(folder, [join(folder, 'index.d.ts'), join(folder, 'testing.d.ts')]);
  const left = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  expect(left.filter((name) => name.endsWith('.d.ts')).sort()).toEqual(
    ['a/one.d.ts', 'a/two.d.ts', 'index.d.ts', 'side.d.ts', 'testing.d.ts'].map((name) =>
      join(name),
    ),
  );
});

test('an import without declarations fails the build', () => {
  const folder = folderWith({ 'index.d.ts': "export * from './gone.ts';\n" });
  expect(() => removeUnusedDeclarations(folder, [join(folder, 'index.d.ts')])).toThrow(
    'no declarations for ./gone.ts',
  );
});
