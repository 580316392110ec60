import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyInput, isUnchanged } from '../../../src/instrumentation/wrap/input-copy.ts';

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}

const input = fc.object({ maxDepth: 6, withNullPrototype: true, withSparseArray: true });

test('a copy equals its original and is reported as unchanged', () => {
  fc.assert(
    fc.property(input, (original) => {
      const { copy, isFaithful } = copyInput(original);
      expect(copy).toEqual(original);
      expect(isFaithful).toBe(true);
      expect(isUnchanged(copy, original)).toBe(true);
    }),
  );
});

test('the copy of a frozen input can be changed down to the attributes of a message', () => {
  const original = deepFrozen({ Entries: [{ Id: '1', MessageAttributes: { a: 1 } }] });
  const { copy } = copyInput<{ Entries: { MessageAttributes: Record<string, number> }[] }>(
    original,
  );
  (copy.Entries[0] as (typeof copy.Entries)[0]).MessageAttributes['b'] = 2;
  expect(copy).toEqual({ Entries: [{ Id: '1', MessageAttributes: { a: 1, b: 2 } }] });
  expect(isUnchanged(copy, original)).toBe(false);
  expect(original).toEqual({ Entries: [{ Id: '1', MessageAttributes: { a: 1 } }] });
});

test('values that are not records are shared', () => {
  const values = [
    Buffer.from('x'),
    new Uint8Array(1),
    new Date(0),
    new Map(),
    Promise.resolve(),
    new EventEmitter(),
    new URL('http://localhost'),
    new Error('x'),
    new Blob([]),
    () => {},
  ];
  const { copy } = copyInput({ values });
  expect(copy.values.map((value, index) => value === values[index])).toEqual(
    values.map(() => true),
  );
});

class Described {
  Message = 'm';
}

class Computed {
  get Message(): string {
    return 'm';
  }
}

test.for([
  { what: 'an object without a prototype', value: Object.create(null), isFaithful: true },
  { what: 'an instance of a class', value: new Described(), isFaithful: true },
  { what: 'an instance of a class with a getter', value: new Computed(), isFaithful: false },
  { what: 'a proxy', value: new Proxy({ Message: 'm' }, {}), isFaithful: false },
])('$what: the copy can take its place: $isFaithful', ({ value, isFaithful }) => {
  const copied = copyInput(value);
  expect(copied.isFaithful).toBe(isFaithful);
  expect(copied.copy).not.toBe(value);
  expect(Object.getPrototypeOf(copied.copy)).toBe(Object.getPrototypeOf(value));
});

test('a key named __proto__ stays a key', () => {
  const { copy } = copyInput<object>(JSON.parse('{"__proto__": {"a": 1}}'));
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1}}');
});
