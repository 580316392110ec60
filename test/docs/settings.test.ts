import { expect, test } from 'vitest';
import { withSettingsTables } from '../../scripts/settings-table.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { readPage } from '../support/doc-blocks.ts';

const page = readPage('docs/settings.md');

test('docs/settings.md is up to date (npm run settings-table)', () => {
  expect(withSettingsTables(page)).toBe(page);
});

test('every setting has a row', () => {
  const options = Array.from(page.matchAll(/^\| .*? \| `(\w+)` \|/gm), ([, name]) => name);
  expect(options.sort()).toEqual(Object.keys(SETTINGS).sort());
});
