import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { run } from '../support/run.ts';

const bench = (...args: string[]) => run([join(root, 'benchmarks/run.ts'), ...args]);

test.each([
  [['--only', 'nothing'], '--only nothing: no such suite'],
  [['--rounds', '0'], '--rounds 0: expected a whole number from 1'],
  [['--only', 'trace', '--only', 'nothing'], '--only nothing: no such suite'],
  [['--unknown'], "Unknown option '--unknown'"],
  [['--from', 'package.json'], '--from package.json: expected a file that --json wrote'],
  [['--from', 'nowhere.json'], '--from nowhere.json: ENOENT'],
])('npm run bench with %j says what is wrong', async (args, message) => {
  const { code, stderr } = await bench(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).toContain('usage: npm run bench');
});

test('npm run bench --help prints the options', async () => {
  const { code, stdout } = await bench('--help');
  expect([code, stdout]).toEqual([0, expect.stringContaining('--only SUITE|GROUP')]);
});
