import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { readPage } from '../support/doc-blocks.ts';

const page = readPage('docs/architecture.md');

/** Folders whose subfolders have rows of their own. */
const SPLIT = ['exporter', 'translator'];

test('docs/architecture.md has a row for every folder of src', () => {
  const folders = foldersOf('src').flatMap((folder) =>
    SPLIT.includes(folder)
      ? foldersOf(`src/${folder}`).map((part) => `src/${folder}/${part}/`)
      : [`src/${folder}/`],
  );
  const rows = page.split('\n').filter((line) => line.startsWith('| `src/'));
  const missing = folders.filter((folder) => !rows.some((row) => row.includes(`\`${folder}\``)));
  expect(missing).toEqual([]);
});

test('every source file that docs/architecture.md names exists', () => {
  const named = Array.from(page.matchAll(/[\w/.-]+\.ts\b/g), ([file]) => file);
  const missing = named.filter(
    (file) => !['', 'src', 'src/exporter'].some((folder) => existsSync(join(root, folder, file))),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(missing).toEqual([]);
});

function foldersOf(path: string): readonly string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
