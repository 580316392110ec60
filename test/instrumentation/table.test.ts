import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TABLE_FILE, tableSource } from '../../scripts/instrumentation-table.ts';

test('the table follows the installed instrumentations', () => {
  expect(readFileSync(TABLE_FILE, 'utf8')).toBe(tableSource());
});
