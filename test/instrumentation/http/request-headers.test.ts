import { expect, test } from 'vitest';
import {
  copyHeaders,
  headerSetter,
  onFirstCall,
} from '../../../src/instrumentation/http/request-headers.ts';

test.for([
  { form: 'an object', headers: { a: '1' }, becomes: { a: '1', traceparent: '00' } },
  {
    form: 'names and values in turn',
    headers: ['a', '1'],
    becomes: ['a', '1', 'traceparent', '00'],
  },
  {
    form: 'pairs',
    headers: [['a', '1']],
    becomes: [
      ['a', '1'],
      ['traceparent', '00'],
    ],
  },
  { form: 'an empty array', headers: [], becomes: ['traceparent', '00'] },
])('a header is added to a copy of $form', ({ headers, becomes }) => {
  const given = structuredClone(headers);
  const copy = copyHeaders(headers);
  headerSetter.set(copy, 'traceparent', '00');
  expect(copy).toEqual(becomes);
  expect(headers).toEqual(given);
});

test('a function is made when it is first called, once', () => {
  const made: string[] = [];
  const greet = onFirstCall(
    () => (greeting: string) => {
      made.push(greeting);
      return (name: string) => `${greeting} ${name}`;
    },
    'hello',
  );
  expect(made).toEqual([]);
  expect([greet('Ann'), greet('Bob')]).toEqual(['hello Ann', 'hello Bob']);
  expect(made).toEqual(['hello']);
});
