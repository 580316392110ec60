import { queryObjects } from 'node:v8';
import {
  type Context,
  createContextKey as keyOfApi,
  ROOT_CONTEXT as ROOT,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createContextKey, ROOT_CONTEXT } from '../src/context-values.ts';

const KEYS = ['a', 'b', 'c', 'd'].map(createContextKey);

interface Step {
  readonly method: 'setValue' | 'deleteValue';
  readonly key: number;
  readonly value: unknown;
  /** Of the contexts made so far, which one the step starts from. */
  readonly from: number;
}

const step = fc.record({
  method: fc.constantFrom('setValue' as const, 'setValue' as const, 'deleteValue' as const),
  key: fc.nat(KEYS.length - 1),
  value: fc.oneof(fc.nat(), fc.constant(undefined)),
  from: fc.nat(),
});

/** Values of all keys in all contexts that the steps make. */
function valuesAfter(root: Context, steps: readonly Step[]): unknown {
  const made = [root];
  for (const { method, key, value, from } of steps) {
    const context = made[from % made.length] as Context;
    made.push(context[method](KEYS[key] as symbol, value));
  }
  return made.map((context) => KEYS.map((key) => context.getValue(key)));
}

test('a context has the same values as one of the API', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      expect(valuesAfter(ROOT_CONTEXT, steps)).toEqual(valuesAfter(ROOT, steps));
    }),
  );
});

test('a key equals the key of the API for the same description', () => {
  expect(createContextKey('span')).toBe(keyOfApi('span'));
});

test('the context of a loop that replaces a value does not grow', () => {
  const [span, baggage] = KEYS as [symbol, symbol];
  let active = ROOT_CONTEXT;
  for (let turn = 0; turn < 1_000; turn += 1) {
    active = active.setValue(span, turn).setValue(baggage, turn).setValue(span, -turn);
  }
  // Collects garbage first.
  const alive = queryObjects(ROOT_CONTEXT.constructor, { format: 'count' });
  expect([active.getValue(span), active.getValue(baggage), alive < 100]).toEqual([-999, 999, true]);
});
