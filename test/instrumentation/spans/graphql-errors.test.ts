import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { localRoots } from '../../../src/api/local-root.ts';
import { MAX_ERRORS, recordErrors } from '../../../src/instrumentation/spans/graphql-data.ts';
import { recordErrorsOf } from '../../../src/instrumentation/spans/graphql-errors.ts';
import { noteRecorded } from '../../../src/instrumentation/spans/request-errors.ts';
import { HANDLER_STATUS } from '../../../src/translator/context/handler-status.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

function recorded(run: (span: Parameters<typeof recordErrors>[0]) => void) {
  const span = trace.getTracer('app').startSpan('query');
  run(span);
  span.end();
  const [ended] = tracing.spans();
  return {
    messages: ended?.events.map(({ attributes }) => attributes?.['exception.message']),
    status: ended?.status.code,
  };
}

test('an error of a value that no resolver has recorded fails the operation', () => {
  const missing = new Error('Cannot return null for non-nullable field Query.name.');
  const result = { data: null, errors: [{ originalError: missing }, new Error('located')] };
  expect(recorded((span) => recordErrorsOf(span, result))).toEqual({
    messages: [missing.message, 'located'],
    status: 2,
  });
});

test('an error that a resolver has recorded is not recorded again', () => {
  const thrown = new TypeError('no basket');
  const errors = [{ originalError: thrown }];
  expect(
    recorded((span) => {
      noteRecorded(span, thrown);
      recordErrorsOf(span, { errors });
    }),
  ).toEqual({ messages: [], status: 0 });
});

test.for<[string, readonly object[], number | undefined]>([
  ['of the response', [{ extensions: { http: { status: 401 } } }], 401],
  ['of a code of Apollo', [{ extensions: { code: 'FORBIDDEN' } }], 400],
  ['of an exception of Nest', [{ originalError: { getStatus() {}, status: 404 } }], 404],
  ['of an error whose status means something else', [{ originalError: { status: 404 } }], 500],
  ['of the worst error', [{ extensions: { http: { status: 401 } } }, new Error('late')], 500],
  ['that is none', [{ extensions: { http: { status: 200 } } }], 500],
  ['without errors', [], undefined],
])('an operation has the status %s', ([, errors, status]) => {
  const span = trace.getTracer('app').startSpan('query');
  recordErrorsOf(span, { errors });
  span.end();
  expect(tracing.spans()[0]?.attributes[HANDLER_STATUS]).toBe(status);
});

test.for([undefined, null, { data: {} }, { errors: 'none' }])(
  'the result %o has no errors',
  (result) => {
    expect(recorded((span) => recordErrorsOf(span, result))).toEqual({ messages: [], status: 0 });
  },
);

test('errors of the validation leave the status to the response; the first ones are recorded', () => {
  const errors = Array.from({ length: MAX_ERRORS + 1 }, (_, index) => new Error(`error ${index}`));
  expect(recorded((span) => recordErrors(span, errors))).toEqual({
    messages: errors.slice(0, MAX_ERRORS).map(({ message }) => message),
    status: 0,
  });
});
