import { propagation, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { baggageAttributes } from '../../src/api/baggage.ts';

const WITH_BAGGAGE = propagation.setBaggage(
  ROOT_CONTEXT,
  propagation.createBaggage({
    'session.id': { value: 's-7' },
    tenant: { value: 'acme' },
    other: { value: 'x' },
  }),
);

test.for([
  {
    keys: ['tenant', 'session.id'],
    context: WITH_BAGGAGE,
    set: { 'session.id': 's-7', tenant: 'acme' },
  },
  { keys: ['missing'], context: WITH_BAGGAGE, set: {} },
  { keys: ['*'], context: WITH_BAGGAGE, set: { 'session.id': 's-7', tenant: 'acme', other: 'x' } },
  { keys: ['*'], context: ROOT_CONTEXT, set: {} },
])('baggage $keys becomes $set', ({ keys, context, set }) => {
  const attributes: Record<string, unknown> = {};
  const span = {
    setAttribute(key: string, value: unknown) {
      attributes[key] = value;
    },
  } as unknown as Span;
  baggageAttributes(keys).onStart(span, context);
  expect(attributes).toEqual(set);
});
