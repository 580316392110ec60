import { expect, test } from 'vitest';
import { dataHolder } from '../../../src/instrumentation/spans/graphql-data.ts';

test('the same object has the same holder, and is not changed', () => {
  const owner = Object.freeze({ user: 7 });
  const holder = dataHolder(owner) as Record<symbol, unknown>;
  const key = Symbol('data');
  holder[key] = 1;
  expect((dataHolder(owner) as typeof holder)[key]).toBe(1);
  expect(dataHolder({ user: 7 })).not.toBe(holder);
  expect(Reflect.ownKeys(owner)).toEqual(['user']);
});

test.for([undefined, null, 7, 'text'])(
  '%s, which is not an object, has an empty holder',
  (owner) => {
    expect(dataHolder(owner)).toEqual({});
  },
);
