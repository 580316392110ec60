import { afterAll, describe, expect, test } from 'vitest';
import { docExamples, readPage } from '../support/doc-blocks.ts';
import { docHome, runExample } from '../support/doc-run.ts';

/** Pages with examples, and the minimum number of examples. */
const PAGES = [
  { page: 'docs/migration.md', examples: 40 },
  { page: 'docs/annotations.md', examples: 6 },
  { page: 'docs/logs.md', examples: 4 },
  { page: 'docs/sampling.md', examples: 4 },
  { page: 'docs/limits.md', examples: 2 },
  { page: 'docs/configuration-file.md', examples: 2 },
  { page: 'docs/security.md', examples: 4 },
];

const home = docHome();
afterAll(() => home[Symbol.dispose]());

describe.for(PAGES)('$page', ({ page, examples: atLeast }) => {
  const examples = docExamples(readPage(page));

  test(`has ${atLeast} examples or more`, () => {
    expect(examples.length).toBeGreaterThanOrEqual(atLeast);
  });

  test.for(examples)('$heading', async (example) => {
    const { codes, missing, unprinted, surplus, log } = await runExample(example, home);
    expect(codes.length, 'an example runs something').toBeGreaterThan(0);
    expect({ codes, missing, unprinted, surplus }, log).toEqual({
      codes: codes.map(() => 0),
      missing: [],
      unprinted: [],
      surplus: 0,
    });
  });
});
