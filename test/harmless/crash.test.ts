import { expect, test } from 'vitest';
import { compare, type Outcome } from './compare.ts';
import { CRASHES, checkCrash } from './crashes.ts';

test.for(CRASHES)('an error thrown %s prints what it prints without otel-xray', (way) =>
  checkCrash(way),
);

test('the stack of a file that fails to load shows which file required it', async () => {
  const { without, with: traced } = await compare(['requires.cjs']);
  expect(framesOfApp(traced)).toEqual(framesOfApp(without));
  expect(framesOfApp(traced)).toHaveLength(2);
  expect(traced).toMatchObject({ code: without.code, stdout: without.stdout });
});

function framesOfApp({ stderr }: Outcome): readonly string[] {
  return stderr.filter((line) => line.includes('at Object.<anonymous>'));
}
