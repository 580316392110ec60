import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  DOCS_FILE,
  docsSource,
  TABLE_FILE,
  tableSource,
} from '../../scripts/instrumentation-table.ts';

test('the table matches the installed instrumentations', () => {
  expect(readFileSync(TABLE_FILE, 'utf8')).toBe(tableSource());
});

test('the documentation lists the same instrumentations, with the versions they support', () => {
  expect(readFileSync(DOCS_FILE, 'utf8')).toBe(docsSource());
});
