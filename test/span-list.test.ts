import { expect, test } from 'vitest';
import { clearList, emptyList } from '../src/span-list.ts';

test('each list is empty and has its own items', () => {
  const first = emptyList<string>();
  first.push('a', 'b');
  expect([first, emptyList()]).toEqual([['a', 'b'], []]);
  clearList(first);
  expect(first).toEqual([]);
});
