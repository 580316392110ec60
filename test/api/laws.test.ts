import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  addAnnotation,
  addError,
  addMetadata,
  capture,
  setUser,
  traceTask,
} from '../../src/api.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** Anything JavaScript has, with the shapes that go wrong most. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

test('any returned value is passed through, and the span has ended', () => {
  fc.assert(
    fc.property(anything, (value) => {
      tracing.reset();
      expect(traceTask('root', () => capture('work', () => value))).toBe(value);
      expect(tracing.spans()).toHaveLength(2);
    }),
  );
});

test('any thrown value is rethrown, and the span has ended as failed', () => {
  fc.assert(
    fc.property(anything, (value) => {
      tracing.reset();
      let thrown: unknown = 'nothing';
      try {
        capture('work', () => {
          throw value;
        });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBe(value);
      expect(tracing.span('work').events).toHaveLength(1);
    }),
  );
});

test('the helpers accept any value without throwing, and metadata is JSON', () => {
  fc.assert(
    fc.property(anything, fc.string(), fc.string(), (value, key, namespace) => {
      tracing.reset();
      traceTask('work', () => {
        addAnnotation(key, value as never);
        addMetadata(key, value, namespace);
        setUser(value as never);
        addError(value);
      });
      const text = tracing.span('work').attributes[`aws.xray.metadata.${namespace}`] ?? '{}';
      expect(typeof JSON.parse(String(text))).toBe('object');
    }),
  );
});
