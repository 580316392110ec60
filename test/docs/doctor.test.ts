import { expect, test } from 'vitest';
import { readPage } from '../support/doc-blocks.ts';

test('docs/doctor.md explains exactly the causes that doctor reports', () => {
  const source = readPage('src/doctor/finding.ts');
  const union = source.slice(
    source.indexOf('export type Cause'),
    source.indexOf(';', source.indexOf('export type Cause')),
  );
  const causes = Array.from(union.matchAll(/'([a-z-]+)'/g), ([, cause]) => cause);
  const rows = Array.from(
    readPage('docs/doctor.md').matchAll(/^\| `([a-z-]+)`/gm),
    ([, cause]) => cause,
  );
  expect(causes.length).toBeGreaterThan(15);
  expect(rows.sort()).toEqual(causes.sort());
});
