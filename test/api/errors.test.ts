import vm from 'node:vm';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { exceptionAttributes } from '../../src/api/errors.ts';
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
        'Caused by: Middle: b',
        '    at no frame',
        '    at work (/app/Middle.js:1:2)',
        'Caused by: Inner: c',
        '    at work (/app/Inner.js:1:2)',
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

test('an error of another realm is an error', () => {
  const error: unknown = vm.runInNewContext('new TypeError("foreign")');
  expect(exceptionAttributes(error)).toMatchObject({
    'exception.type': 'TypeError',
    'exception.message': 'foreign',
  });
});

test('addError marks the span as failed and goes on', () => {
  traceTask('work', () => addError(new Error('no')));
  const { status, events } = tracing.span('work');
  expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'no' });
  expect(events.map(({ name }) => name)).toEqual(['exception']);
});

test('remote tells that the called service failed', () => {
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
