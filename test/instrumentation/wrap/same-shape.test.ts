import { expect, test } from 'vitest';
import { like } from '../../../src/instrumentation/wrap/same-shape.ts';

test.each([
  ['a function', function order(_id: unknown) {}],
  ['an async function', async function order(_id: unknown) {}],
  ['an async arrow function', async (_id: unknown) => {}],
])('%s and its replacement look alike', (_kind, original) => {
  const replacement = like(Object.assign(original, { route: '/orders' }), () => undefined);
  const look = (one: object) => [
    Object.prototype.toString.call(one),
    one.constructor.name,
    Object.getOwnPropertyDescriptors(one),
  ];
  expect(look(replacement)).toEqual(look(original));
});
