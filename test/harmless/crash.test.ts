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
  // The names of Node's functions; it loads the entry point in another way with `--import`.
  expect(framesOfNode(traced)).toEqual(framesOfNode(without));
  expect(traced).toMatchObject({ code: without.code, stdout: without.stdout });
});

test('the stack of an error in the entry point has no frame of otel-xray', async () => {
  const { without, with: traced } = await compare(['entry.cjs']);
  expect(traced).toEqual(without);
  expect(traced.stdout).toContain('._load (node:internal');
});

test('the stack of an error in middleware of Koa shows the middleware before it', async () => {
  const env = { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' };
  const { without, with: traced } = await compare(['koa-stack.mjs'], { env });
  expect(without).toMatchObject({ code: 0, stdout: '3\n' });
  expect(traced).toMatchObject({ code: 0, stdout: '3\n' });
});

function framesOfApp({ stderr }: Outcome): readonly string[] {
  return stderr.filter((line) => line.includes('at Object.<anonymous>'));
}

function framesOfNode({ stderr }: Outcome): readonly string[] {
  return stderr.filter((line) => /node:internal.modules.cjs/.test(line)).slice(0, 6);
}
