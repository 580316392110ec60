import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createOpenList, type OpenEntry } from '../src/open-list.ts';

interface Entry extends OpenEntry {
  readonly name: number;
}

test.each([
  [[], [0, 1, 2, 3]],
  [[0], [1, 2, 3]],
  [[3], [0, 1, 2]],
  [
    [1, 1, 2],
    [0, 3],
  ],
  [[2, 0, 3, 1, 0], []],
])('after %j were removed, %j and a new entry are in the list', (removed, left) => {
  const list = createOpenList<Entry>();
  const entries = [0, 1, 2, 3].map((name): Entry => ({ name }));
  for (const entry of entries) list.add(entry);
  for (const index of removed) list.remove(entries[index] as Entry);
  expect(list.all().map(({ name }) => name)).toEqual(left);
  list.add({ name: 4 });
  expect(list.all().map(({ name }) => name)).toEqual([...left, 4]);
  expect([list.size, list.oldest?.name]).toEqual([left.length + 1, left[0] ?? 4]);
});

test('minor collections free what was removed', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  const list = createOpenList();
  // An object that survives two collections is in the old generation.
  for (let times = 0; times < 3; times += 1) gc({ type: 'minor' });
  const open: OpenEntry[] = [];
  const used: number[] = [];
  for (let request = 0; request < 40_000; request += 1) {
    const entry = { older: undefined, newer: undefined, body: new Array(100).fill(request) };
    list.add(entry);
    open.push(entry);
    if (open.length > 64) list.remove(open.shift() as OpenEntry);
    if (request % 500 !== 0) continue;
    gc({ type: 'minor' });
    used.push(process.memoryUsage().heapUsed);
  }
  // With a `Set`, all of them survived: 39 MB.
  expect((used[79] as number) - (used[20] as number)).toBeLessThan(500_000);
});
