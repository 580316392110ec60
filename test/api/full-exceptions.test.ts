import { SpanStatusCode, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { fullExceptions } from '../../src/api/full-exceptions.ts';
import { capture } from '../../src/api.ts';
import type { CauseBlock } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing({ processors: [fullExceptions()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

function recorded(exception: unknown) {
  tracing.reset();
  trace.getTracer('app').startActiveSpan('work', (span) => {
    span.recordException(exception as Error, 1_478_293_361_000);
    span.end();
  });
  return tracing.span('work').events;
}

test('recordException records class, code, causes and aggregated errors', () => {
  const error = new AggregateError([new Error('one')], '', { cause: 'offline' });
  Object.assign(error, { code: 23505 });
  const [event] = recorded(error);
  expect(event?.name).toBe('exception');
  expect(event?.time).toEqual([1_478_293_361, 0]);
  expect(event?.attributes).toMatchObject({
    'exception.type': 'AggregateError',
    'exception.message': 'one',
    'exception.code': '23505',
  });
  const text = String(event?.attributes?.['exception.stacktrace']);
  expect(text.split('\n').filter((line) => !line.startsWith('    at '))).toEqual([
    'AggregateError: ',
    'Caused by: string: offline',
    '[errors]: Error: one',
  ]);
});

test('a thrown string has the type string, as with addError', () => {
  expect(recorded('no luck')[0]?.attributes).toEqual({
    'exception.type': 'string',
    'exception.message': 'no luck',
  });
});

const odd = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.constantFrom<() => unknown>(
    () => Symbol('odd'),
    () => {
      const { proxy, revoke } = Proxy.revocable([], {});
      revoke();
      return proxy;
    },
    () => Object.create(null, { message: { get: () => fail() }, stack: { value: 's' } }),
    () => new Proxy(new Error('m'), { get: () => fail() }),
    () => Object.assign(new Error('m'), { cause: Symbol('c'), errors: [null, Symbol('e')] }),
  ),
);

function fail(): never {
  throw new Error('a getter that throws');
}

test('any thrown value is rethrown, and the document is a fault with a cause', () => {
  fc.assert(
    fc.property(odd, (made) => {
      tracing.reset();
      const thrown = typeof made === 'function' ? (made as () => unknown)() : made;
      let caught: unknown;
      try {
        capture('work', () => {
          throw thrown;
        });
      } catch (error) {
        caught = error;
      }
      expect(Object.is(caught, thrown)).toBe(true);
      const span = tracing.span('work');
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      const [document] = toDocuments(span as unknown as TranslatableSpan);
      expect(document?.fault).toBe(true);
      const cause = document?.cause as CauseBlock | undefined;
      expect(cause?.exceptions[0]).toMatchObject({ type: expect.any(String), remote: false });
      expect(recorded(thrown)).toHaveLength(1);
      expect(tracing.logged).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
