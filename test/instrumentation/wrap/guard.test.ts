import { DiagLogLevel, diag } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import {
  attempt,
  countUnknownFailure,
  instrumentationFailures,
  logFailures,
  reportFailure,
} from '../../../src/instrumentation/wrap/guard.ts';

afterEach(() => diag.disable());

test('errors are counted, and the first of each instrumentation is logged', () => {
  const warn = vi.fn();
  diag.setLogger(
    { ...console, verbose: console.log, warn },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  reportFailure('counted', new TypeError('first\nsecond line'));
  reportFailure('counted', new TypeError('again'));
  expect(instrumentationFailures().get('counted')).toBe(2);
  expect(warn.mock.calls).toEqual([
    [
      'otel-xray: instrumentation counted failed: TypeError: first. The app is not affected, but spans or their attributes are missing. OTEL_NODE_DISABLED_INSTRUMENTATIONS=counted turns it off.',
    ],
  ]);
});

test('an error that is unknown is counted and logged, and so is the next one', () => {
  const [warn, debug] = [vi.fn(), vi.fn()];
  diag.setLogger(
    { ...console, verbose: console.log, warn, debug },
    { logLevel: DiagLogLevel.DEBUG, suppressOverrideMessage: true },
  );
  countUnknownFailure('unknown');
  countUnknownFailure('unknown');
  reportFailure('unknown', new TypeError('known'));
  expect(warn.mock.calls.map(([text]) => text.split('.')[0])).toEqual([
    'otel-xray: instrumentation unknown failed in a callback (the message of its next error will be logged)',
    'otel-xray: instrumentation unknown failed: TypeError: known',
  ]);
  logFailures();
  expect(debug.mock.calls.at(-1)?.[0]).toMatch(
    /^otel-xray: errors of instrumentations: .*\bunknown 3$/,
  );
});

test('whatever is thrown, and whatever the logger does, nothing reaches the caller', () => {
  const logger = {
    ...console,
    verbose: console.log,
    warn: () => {
      throw new Error('logger');
    },
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const hostile = {
    get message(): never {
      throw new Error();
    },
    toString: null,
    valueOf: null,
  };
  const thrown = fc.oneof(fc.anything({ withNullPrototype: true }), fc.constant(hostile));
  fc.assert(
    fc.property(thrown, fc.uuid(), (value, name) => {
      const result = attempt(name, () => {
        throw value;
      });
      expect(result).toBeUndefined();
    }),
  );
});
