import { expect, test } from 'vitest';
import { ALL_TRACED, handlerCells } from '../support/handler-cells.ts';

test.for(['22.15.1', process.versions.node])(
  'Node %s: handlers are traced in every form of module and exports',
  async (version) => {
    expect(await handlerCells(version)).toEqual(ALL_TRACED);
  },
);

test('Node 20.19.6: handlers are traced in every form of exports, except ES modules', async () => {
  expect(await handlerCells('20.19.6')).toEqual({
    traced: 96,
    missed: ['index.mjs', 'index.js (module)'].flatMap((file) => [
      `import ${file}: assigned`,
      `import ${file}: default object`,
      `import ${file}: default object, frozen`,
      `import ${file}: nested`,
      `import ${file}: nested, frozen`,
    ]),
    changed: [],
    output: '',
  });
});
