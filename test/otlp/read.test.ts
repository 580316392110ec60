import { expect, test } from 'vitest';
import { readTraceRequest } from '../../src/otlp/read.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';

const SPAN = {
  traceId: '581cf771a006649127e371903a2de979',
  spanId: '70de5b6f19ff9a0a',
  name: 'op',
  kind: 2,
  startTimeUnixNano: '1478293361271000000',
  endTimeUnixNano: '1478293361449123456',
  status: {},
};

function read(parts: object, resource: unknown = {}): TranslatableSpan {
  const item = { ...SPAN, ...parts };
  const request = { resourceSpans: [{ resource, scopeSpans: [{ spans: [item] }] }] };
  return readTraceRequest(JSON.stringify(request))[0] as TranslatableSpan;
}

test('reads all fields of a span', () => {
  const { spanContext, ...rest } = read(
    {
      parentSpanId: '1111111111111111',
      flags: 0x301,
      status: { code: 2, message: 'm' },
      attributes: [{ key: 'a', value: { stringValue: 'x' } }],
      events: [
        {
          name: 'e',
          timeUnixNano: '1500000000',
          attributes: [{ key: 'b', value: { boolValue: true } }],
        },
      ],
      links: [
        { traceId: 'aa', spanId: 'bb', attributes: [{ key: 'c', value: { intValue: '7' } }] },
      ],
    },
    { attributes: [{ key: 'service.name', value: { stringValue: 's' } }] },
  );
  expect(spanContext()).toEqual({ traceId: SPAN.traceId, spanId: SPAN.spanId });
  expect(rest).toEqual({
    name: 'op',
    kind: 1,
    parentSpanContext: { traceId: SPAN.traceId, spanId: '1111111111111111', isRemote: true },
    startTime: [1478293361, 271000000],
    endTime: [1478293361, 449123456],
    status: { code: 2, message: 'm' },
    attributes: { a: 'x' },
    events: [{ name: 'e', time: [1, 500000000], attributes: { b: true } }],
    links: [{ context: { traceId: 'aa', spanId: 'bb' }, attributes: { c: 7 } }],
    resource: { attributes: { 'service.name': 's' } },
  });
});

test.for([
  { value: { stringValue: '' }, read: '' },
  { value: { boolValue: false }, read: false },
  { value: { intValue: -5 }, read: -5 },
  { value: { intValue: '9007199254740991' }, read: 9007199254740991 },
  { value: { intValue: '9223372036854775807' }, read: 9223372036854775807n },
  { value: { doubleValue: 0.5 }, read: 0.5 },
  { value: { doubleValue: 'NaN' }, read: Number.NaN },
  { value: { doubleValue: '-Infinity' }, read: Number.NEGATIVE_INFINITY },
  { value: { doubleValue: null }, read: Number.NaN },
  { value: { bytesValue: 'AQI=' }, read: new Uint8Array([1, 2]) },
  { value: { arrayValue: { values: [{ intValue: 1 }, {}] } }, read: [1, null] },
  { value: { arrayValue: {} }, read: [] },
  { value: { kvlistValue: { values: [{ key: 'k', value: { intValue: 1 } }] } }, read: { k: 1 } },
  { value: {}, read: null },
  { value: undefined, read: null },
])('value $value', ({ value, read: expected }) => {
  expect(read({ attributes: [{ key: 'k', value }] }).attributes['k']).toEqual(expected);
});

test.for([
  { kind: 0, api: -1 },
  { kind: 1, api: 0 },
  { kind: 5, api: 4 },
  { kind: 'SPAN_KIND_SERVER', api: 1 },
  { kind: 'SPAN_KIND_UNSPECIFIED', api: -1 },
  { kind: undefined, api: -1 },
  { kind: 99, api: -1 },
])('kind $kind is $api in the API', ({ kind, api }) => {
  expect(read({ kind }).kind).toBe(api);
});

test.for([
  { flags: 0x101, remote: false },
  { flags: 0x301, remote: true },
  { flags: 0x201, remote: undefined },
  { flags: undefined, remote: undefined },
])('flags $flags: remote is $remote', ({ flags, remote }) => {
  expect(read({ parentSpanId: 'aa', flags }).parentSpanContext?.isRemote).toBe(remote);
});

test('an empty parent id means no parent', () => {
  expect(read({ parentSpanId: '' }).parentSpanContext).toBeUndefined();
});

test.for([
  { time: '1', read: [0, 1] },
  { time: 1500000000, read: [1, 500000000] },
  { time: undefined, read: [0, 0] },
  { time: 'soon', read: [Number.NaN, 0] },
])('time $time', ({ time, read: expected }) => {
  expect(read({ startTimeUnixNano: time }).startTime).toEqual(expected);
});

test('keys cannot set a prototype; the last of equal keys applies', () => {
  const { attributes } = read({
    attributes: [
      {
        key: '__proto__',
        value: { kvlistValue: { values: [{ key: 'bad', value: { intValue: 1 } }] } },
      },
      { key: 'a', value: { intValue: 1 } },
      { key: 'a', value: { intValue: 2 } },
      { value: { intValue: 3 } },
      null,
    ],
  });
  expect(Object.keys(attributes)).toEqual(['__proto__', 'a']);
  expect([attributes['a'], attributes['bad']]).toEqual([2, undefined]);
});

test('spans of one resource share the resource object', () => {
  const scopeSpans = [{ spans: [SPAN, SPAN] }, { spans: [SPAN] }];
  const spans = readTraceRequest(JSON.stringify({ resourceSpans: [{ scopeSpans }] }));
  expect(new Set(spans.map(({ resource }) => resource)).size).toBe(1);
  expect(spans).toHaveLength(3);
});

test.for([
  { text: '{}', spans: 0 },
  { text: '{"resourceSpans":[]}', spans: 0 },
  { text: '{"resourceSpans":[{}]}', spans: 0 },
])('$text has no spans', ({ text, spans }) => {
  expect(readTraceRequest(text)).toHaveLength(spans);
});

test.for([
  { text: 'bad', error: SyntaxError, message: /JSON/ },
  { text: '[]', error: TypeError, message: /not a trace request: request is not an object/ },
  { text: '{"resourceSpans":3}', error: TypeError, message: /resourceSpans is not an array/ },
  {
    text: '{"resourceSpans":[3]}',
    error: TypeError,
    message: /resourceSpans\[0\] is not an object/,
  },
  {
    text: '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}',
    error: TypeError,
    message: /span is not an object/,
  },
])('invalid request: $text', ({ text, error, message }) => {
  expect(() => readTraceRequest(text)).toThrow(error);
  expect(() => readTraceRequest(text)).toThrow(message);
});
