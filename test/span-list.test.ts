import { expect, test } from 'vitest';
import { clearList, emptyList } from '../src/span-list.ts';

test('a new list is empty and shares no items with other lists', () => {
  const first = emptyList<string>();
  first.push('a', 'b');
  expect([first, emptyList()]).toEqual([['a', 'b'], []]);
  clearList(first);
  expect(first).toEqual([]);
});
