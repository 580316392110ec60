import { expect, test } from 'vitest';
import { derived } from '../../../src/instrumentation/frameworks/derived.ts';

class Own {
  name = 'own';
  get computed() {
    return this.name.length;
  }
  act() {
    return this.name;
  }
}
const mark = Symbol('mark');

test.for<[string, () => { act?(): unknown }]>([
  ['a plain object', () => ({ name: 'a', [mark]: 1, act: () => 'a' })],
  ['a frozen object', () => Object.freeze({ act: () => 'a' })],
  ['an instance of a class', () => new Own()],
  ['an object without a prototype', () => Object.assign(Object.create(null), { act: () => 1 })],
  ['an object with a getter', () => ({ get act() { return () => 'got'; } })], // biome-ignore format: one line each
  ['a proxy', () => new Proxy({ act: () => 'a' }, { set: () => false })],
  ['an object without the property', () => ({})],
])('derived object: %s', ([, make]) => {
  const source = make();
  const keys = Reflect.ownKeys(source);
  const { act } = source;
  const changed = derived(source, { act: () => 'changed' });
  expect(changed.act?.()).toBe('changed');
  expect(Reflect.ownKeys(changed)).toEqual(keys);
  expect(Object.keys(changed)).toEqual(Object.keys(source));
  expect(changed instanceof Own).toBe(source instanceof Own);
  expect(Reflect.ownKeys(source)).toEqual(keys);
  expect(source.act?.toString()).toBe(act?.toString());
});

test('derived object: getters see the object that they are read from', () => {
  const changed = derived(new Own(), { name: 'longer name' });
  expect([changed.computed, changed.act(), Object.keys(changed)]).toEqual([
    11,
    'longer name',
    ['name'],
  ]);
});
