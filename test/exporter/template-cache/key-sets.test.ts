import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addKeySet,
  findKeySet,
  keySetsBelow,
  newNode,
} from '../../../src/exporter/template-cache/key-sets.ts';

const keys = fc.uniqueArray(fc.constantFrom(...'abcdef'), { maxLength: 6 });

test('law: the tree finds exactly the keys that were added, in their order', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 12 }), keys, (added, other) => {
      const root = newNode();
      const sets = added.map((each) => addKeySet(root, each));
      const distinct = new Map(added.map((each) => [each.join(), each]));
      expect(
        keySetsBelow(root)
          .map((set) => set.keys.join())
          .sort(),
      ).toEqual([...distinct.keys()].sort());
      for (const each of [...added, other]) {
        const values: unknown[] = [];
        const attributes = Object.fromEntries(each.map((key) => [key, `value of ${key}`]));
        const found = findKeySet(root, attributes, values);
        const at = added.findIndex((one) => one.join() === each.join());
        expect(found).toBe(sets[at]);
        expect(found === undefined || values.length === each.length).toBe(true);
      }
    }),
  );
});
