import vm from 'node:vm';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { exceptionAttributes } from '../../src/api/exception.ts';
import { addError, capture, traceTask } from '../../src/api.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

function stacked(name: string, text: string, cause?: unknown): Error {
  const error = new Error(text, cause === undefined ? undefined : { cause });
  error.name = name;
  error.stack = `${name}: ${text}\n    at work (/app/${name}.js:1:2)`;
  return error;
}

class DatabaseError extends Error {}

function withoutStack<E extends object>(error: E): E {
  return Object.defineProperty(error, 'stack', { value: undefined });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const looped = stacked('Loop', 'round');
looped.cause = looped;

test.for([
  {
    rule: 'an error has its name, message and stack',
    thrown: stacked('TypeError', 'no'),
    attributes: {
      'exception.type': 'TypeError',
      'exception.message': 'no',
      'exception.stacktrace': 'TypeError: no\n    at work (/app/TypeError.js:1:2)',
    },
  },
  {
    rule: 'a plain error with a code is of that type',
    thrown: Object.assign(stacked('Error', 'connect failed'), { code: 'ECONNREFUSED' }),
    attributes: {
      'exception.type': 'ECONNREFUSED',
      'exception.message': 'connect failed',
      'exception.stacktrace': 'Error: connect failed\n    at work (/app/Error.js:1:2)',
    },
  },
  {
    rule: 'the causes follow with their frames',
    thrown: stacked('Outer', 'a', stacked('Middle', 'b\n    at no frame', stacked('Inner', 'c'))),
    attributes: {
      'exception.type': 'Outer',
      'exception.message': 'a',
      'exception.stacktrace': [
        'Outer: a',
        '    at work (/app/Outer.js:1:2)',
        'Caused by: Middle: b at no frame',
        '    at work (/app/Middle.js:1:2)',
        'Caused by: Inner: c',
        '    at work (/app/Inner.js:1:2)',
      ].join('\n'),
    },
  },
  {
    rule: 'a cause that repeats properties of the error is left out, but not its own cause',
    thrown: Object.assign(
      stacked('HTTPError', 'teapot', {
        status: 418,
        data: { id: 7 },
        cause: stacked('Inner', 'c'),
      }),
      { status: 418, data: { id: 7 } },
    ),
    attributes: {
      'exception.type': 'HTTPError',
      'exception.message': 'teapot',
      'exception.stacktrace': [
        'HTTPError: teapot',
        '    at work (/app/HTTPError.js:1:2)',
        'Caused by: Inner: c',
        '    at work (/app/Inner.js:1:2)',
      ].join('\n'),
    },
  },
  {
    rule: 'a cause that is an object with other properties is kept',
    thrown: Object.assign(stacked('HTTPError', 'teapot', { status: 418, detail: 'tea' }), {
      status: 418,
    }),
    attributes: {
      'exception.type': 'HTTPError',
      'exception.message': 'teapot',
      'exception.stacktrace': [
        'HTTPError: teapot',
        '    at work (/app/HTTPError.js:1:2)',
        'Caused by: object: {"status":418,"detail":"tea"}',
      ].join('\n'),
    },
  },
  {
    rule: 'a circle of causes ends',
    thrown: looped,
    attributes: {
      'exception.type': 'Loop',
      'exception.message': 'round',
      'exception.stacktrace': 'Loop: round\n    at work (/app/Loop.js:1:2)',
    },
  },
  {
    rule: 'a class with a generic name and a number: the class, and the number as code',
    thrown: Object.assign(new DatabaseError('duplicate'), {
      name: 'error',
      code: '23505',
      stack: 's',
    }),
    attributes: {
      'exception.type': 'DatabaseError',
      'exception.message': 'duplicate',
      'exception.code': '23505',
      'exception.stacktrace': 's',
    },
  },
  {
    rule: 'a code that the message has is not repeated',
    thrown: Object.assign(stacked('MongoServerError', 'E11000 duplicate'), {
      code: 11000,
      stack: 's',
    }),
    attributes: {
      'exception.type': 'MongoServerError',
      'exception.message': 'E11000 duplicate',
      'exception.stacktrace': 's',
    },
  },
  {
    rule: 'the number of a DOMException is left out',
    thrown: withoutStack(new DOMException('timed out', 'TimeoutError')),
    attributes: { 'exception.type': 'TimeoutError', 'exception.message': 'timed out' },
  },
  {
    rule: 'an AggregateError without a message has those of its errors',
    thrown: withoutStack(
      new AggregateError([
        stacked('Error', 'connect ECONNREFUSED ::1:1', 'offline'),
        stacked('Error', 'connect ECONNREFUSED 127.0.0.1:1'),
        'no error',
      ]),
    ),
    attributes: {
      'exception.type': 'AggregateError',
      'exception.message': 'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1; no error',
      'exception.stacktrace': [
        'AggregateError: connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1; no error',
        '[errors]: Error: connect ECONNREFUSED ::1:1',
        '    at work (/app/Error.js:1:2)',
        'Caused by: string: offline',
        '[errors]: Error: connect ECONNREFUSED 127.0.0.1:1',
        '    at work (/app/Error.js:1:2)',
        '[errors]: string: no error',
      ].join('\n'),
    },
  },
  {
    rule: 'a SuppressedError has both errors',
    thrown: withoutStack(
      Object.assign(new Error('both'), {
        name: 'SuppressedError',
        error: withoutStack(new TypeError('of close')),
        suppressed: withoutStack(new Error('of work')),
      }),
    ),
    attributes: {
      'exception.type': 'SuppressedError',
      'exception.message': 'both',
      'exception.stacktrace':
        'SuppressedError: both\n[errors]: TypeError: of close\n[errors]: Error: of work',
    },
  },
  {
    rule: 'an error without a stack keeps its cause',
    thrown: withoutStack(new Error('top', { cause: withoutStack(new TypeError('low')) })),
    attributes: {
      'exception.type': 'Error',
      'exception.message': 'top',
      'exception.stacktrace': 'Error: top\nCaused by: TypeError: low',
    },
  },
  {
    rule: 'a symbol that is thrown is shown',
    thrown: Symbol('odd'),
    attributes: { 'exception.type': 'symbol', 'exception.message': 'Symbol(odd)' },
  },
  {
    rule: 'a revoked proxy that is thrown says nothing',
    thrown: revoked(),
    attributes: { 'exception.type': 'object', 'exception.message': 'unknown error' },
  },
  {
    rule: 'a function that is thrown has its name',
    thrown: function refuse() {},
    attributes: { 'exception.type': 'function', 'exception.message': 'refuse' },
  },
  {
    rule: 'a string that is thrown is the message',
    thrown: 'no luck',
    attributes: { 'exception.type': 'string', 'exception.message': 'no luck' },
  },
  {
    rule: 'nothing that is thrown is named',
    thrown: undefined,
    attributes: { 'exception.type': 'undefined', 'exception.message': 'undefined' },
  },
  {
    rule: 'an object that is thrown is shown',
    thrown: { status: 418 },
    attributes: { 'exception.type': 'object', 'exception.message': '{"status":418}' },
  },
])('$rule', ({ thrown, attributes }) => {
  expect(exceptionAttributes(thrown)).toEqual(attributes);
});

test('an error of another realm is recognized', () => {
  const error: unknown = vm.runInNewContext('new TypeError("foreign")');
  expect(exceptionAttributes(error)).toMatchObject({
    'exception.type': 'TypeError',
    'exception.message': 'foreign',
  });
});

test('addError marks the span as failed and does not throw', () => {
  traceTask('work', () => addError(new Error('no')));
  const { status, events } = tracing.span('work');
  expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'no' });
  expect(events.map(({ name }) => name)).toEqual(['exception']);
});

test('remote marks an error of the called service', () => {
  traceTask('work', () => addError(new Error('no'), { remote: true }));
  expect(tracing.span('work').events[0]?.attributes).toMatchObject({
    'aws.xray.exception.remote': true,
  });
});

test('an error that is added and then thrown is recorded once on its span', () => {
  const error = new Error('no');
  expect(() =>
    traceTask('outer', () =>
      capture('inner', () => {
        addError(error);
        throw error;
      }),
    ),
  ).toThrow(error);
  expect(tracing.span('inner').events).toHaveLength(1);
  expect(tracing.span('outer').events).toHaveLength(1);
});
