import { expect, test } from 'vitest';
import { copyHeaders, headerSetter } from '../../../src/instrumentation/http/request-headers.ts';

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
