import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contextOnlyWrapper } from '../../../src/instrumentation/loading/context-only.ts';
import { choose } from '../../../src/instrumentation/wrap/chosen-context.ts';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';

type Fn = (this: unknown, ...args: unknown[]) => unknown;

const KEY = createContextKey('test');
const here = (): unknown => context.active().getValue(KEY);
const inContext = (work: () => unknown): unknown =>
  context.with(context.active().setValue(KEY, 'chosen'), work);
const throwBug = (): never => {
  throw new TypeError('bug of the instrumentation');
};

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

const WRAPPERS: readonly { what: string; wrapper: (original: Fn) => Fn; where: unknown }[] = [
  {
    what: 'chooses a context',
    wrapper: (original) =>
      function (...args) {
        return inContext(() => original.apply(this, args));
      },
    where: 'chosen',
  },
  {
    what: 'names a context that it does not run in',
    wrapper: (original) =>
      function (...args) {
        const own = context.active().setValue(KEY, 'named');
        return choose(own, () => original.apply(this, args));
      },
    where: 'named',
  },
  { what: 'throws before', wrapper: () => throwBug, where: undefined },
  {
    what: 'throws afterwards',
    wrapper: (original) =>
      function (...args) {
        inContext(() => original.apply(this, args));
        return throwBug();
      },
    where: 'chosen',
  },
  { what: 'does not call', wrapper: () => () => 'other', where: undefined },
];

test.for(WRAPPERS)(
  'a wrapper that $what: the app’s function is called once',
  ({ wrapper, where }) => {
    const self = { own: true };
    const calls: unknown[] = [];
    const original: Fn = function emit(...args) {
      calls.push([this, here(), ...args]);
      return 'result';
    };
    const wrapped = contextOnlyWrapper('test', wrapper, () => true)(original, 'emit');
    expect(wrapped.call(self, 'request', 1)).toBe('result');
    expect(calls).toEqual([[self, where, 'request', 1]]);
    expect([wrapped.name, here()]).toEqual(['emit', undefined]);
  },
);

test('an error of the app passes, with no frame between it and the context', () => {
  const error = new RangeError('of the app');
  const original: Fn = () => {
    throw error;
  };
  const [{ wrapper } = { wrapper: () => original }] = WRAPPERS;
  const wrapped = contextOnlyWrapper('test', wrapper, () => true)(original, 'emit');
  expect(() => wrapped.call(undefined, 'request')).toThrow(error);
  expect(here()).toBeUndefined();
});

test('without need for the wrapper, only the app’s function is called', () => {
  const before = instrumentationFailures().get('test');
  const wrapped = contextOnlyWrapper(
    'test',
    () => throwBug,
    ([event]) => event === 'request',
  )(() => 'result', 'emit');
  expect(wrapped.call(undefined, 'close')).toBe('result');
  expect(instrumentationFailures().get('test')).toBe(before);
});
