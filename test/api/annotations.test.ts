import { type Span, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { addAnnotation, addMetadata, localRoots, setUser, traceTask } from '../../src/api.ts';
import { startTracing, xrayAttributes } from '../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** The attributes that `work` leaves on a span. */
function attributesAfter(work: (span: Span) => void): Record<string, unknown> {
  tracing.reset();
  traceTask('work', work);
  const { 'aws.local.service': _, ...attributes } = tracing.span('work').attributes;
  return attributes;
}

test.for([
  {
    rule: 'an annotation is an attribute whose key is listed',
    work: () => addAnnotation('tier', 'gold'),
    attributes: { tier: 'gold', 'aws.xray.annotations': ['tier'] },
  },
  {
    rule: 'strings, numbers and booleans keep their type, in order of the calls',
    work: () => {
      addAnnotation('a', 'text');
      addAnnotation('b', 1.5);
      addAnnotation('c', false);
    },
    attributes: { a: 'text', b: 1.5, c: false, 'aws.xray.annotations': ['a', 'b', 'c'] },
  },
  {
    rule: 'a second call replaces the value and lists the key once',
    work: () => {
      addAnnotation('a', 1);
      addAnnotation('a', 2);
    },
    attributes: { a: 2, 'aws.xray.annotations': ['a'] },
  },
  {
    rule: 'keys that the app listed itself stay listed',
    work: (span: Span) => {
      span.setAttributes({ own: 1, 'aws.xray.annotations': ['own'] });
      addAnnotation('a', 1);
    },
    attributes: { own: 1, a: 1, 'aws.xray.annotations': ['own', 'a'] },
  },
  {
    rule: 'dates and bigints take their obvious form',
    work: () => {
      addAnnotation('at', new Date(0) as never);
      addAnnotation('small', 5n as never);
      addAnnotation('big', (2n ** 64n) as never);
    },
    attributes: {
      at: '1970-01-01T00:00:00.000Z',
      small: 5,
      big: '18446744073709551616',
      'aws.xray.annotations': ['at', 'small', 'big'],
    },
  },
  {
    rule: 'two metadata namespaces are kept apart, keys of one merge',
    work: () => {
      addMetadata('cart', { items: 3 });
      addMetadata('plan', ['a', 'b'], 'pricing');
      addMetadata('user', { id: 7 });
    },
    attributes: {
      'aws.xray.metadata.default': '{"cart":{"items":3},"user":{"id":7}}',
      'aws.xray.metadata.pricing': '{"plan":["a","b"]}',
    },
  },
  {
    rule: 'metadata of the same key is replaced',
    work: () => {
      addMetadata('a', 1);
      addMetadata('a', 2);
    },
    attributes: { 'aws.xray.metadata.default': '{"a":2}' },
  },
  {
    rule: 'a namespace the app had set itself is added to',
    work: (span: Span) => {
      span.setAttribute('aws.xray.metadata.shop', '{"own":1}');
      addMetadata('a', 2, 'shop');
    },
    attributes: { 'aws.xray.metadata.shop': '{"own":1,"a":2}' },
  },
  {
    rule: 'metadata is a copy of the moment',
    work: () => {
      const cart = { items: 1 };
      addMetadata('cart', cart);
      cart.items = 2;
    },
    attributes: { 'aws.xray.metadata.default': '{"cart":{"items":1}}' },
  },
  {
    rule: 'undefined and functions are not recorded',
    work: () => {
      addMetadata('a', undefined);
      addMetadata('b', () => {});
    },
    attributes: {},
  },
  {
    rule: 'a key that belongs to all objects is a key like any other',
    work: () => addMetadata('__proto__', { a: 1 }),
    attributes: { 'aws.xray.metadata.default': '{"__proto__":{"a":1}}' },
  },
  {
    rule: 'the user is the attribute enduser.id, numbers as text',
    work: () => setUser(42),
    attributes: { 'enduser.id': '42' },
  },
])('$rule', ({ work, attributes }) => {
  expect(attributesAfter(work)).toEqual(attributes);
  expect(tracing.logged).toEqual([]);
});

const circle: { name: string; self?: unknown } = { name: 'circle' };
circle.self = circle;
const circularMap = new Map<string, unknown>([['a', 1]]);
circularMap.set('self', circularMap);
const shared = { x: 1 };
const failing = Object.assign(new Error('no'), { code: 'E_NO', stack: 'Error: no\n at x' });

test.for([
  { rule: 'a circle is cut', value: circle, json: { name: 'circle', self: '[Circular]' } },
  { rule: 'a circle through a map is cut', value: circularMap, json: { a: 1, self: '[Circular]' } },
  { rule: 'one object twice is no circle', value: [shared, shared], json: [{ x: 1 }, { x: 1 }] },
  { rule: 'a map is an object', value: new Map([[1, 'one']]), json: { '1': 'one' } },
  { rule: 'a set is an array', value: new Set([1, 2]), json: [1, 2] },
  {
    rule: 'a bigint is its digits',
    value: { n: 2n ** 70n },
    json: { n: '1180591620717411303424' },
  },
  { rule: 'a date is its ISO form', value: new Date(0), json: '1970-01-01T00:00:00.000Z' },
  {
    rule: 'an error shows name, message, stack and its own fields',
    value: failing,
    json: { code: 'E_NO', name: 'Error', message: 'no', stack: 'Error: no\n at x' },
  },
  {
    rule: 'a getter that throws: the value is replaced by the error',
    value: {
      get broken() {
        throw new Error('no access');
      },
    },
    json: '[omitted: no access]',
  },
  {
    rule: 'a value that is too large is replaced by a note',
    value: 'x'.repeat(70_000),
    json: '[omitted: 70002 characters]',
  },
  {
    rule: 'so is one of too many parts',
    value: Array.from({ length: 6_000 }, () => 0),
    json: '[omitted: more than 5000 values]',
  },
])('metadata: $rule', ({ value, json }) => {
  const text = attributesAfter(() => addMetadata('value', value))['aws.xray.metadata.default'];
  expect(JSON.parse(String(text))).toEqual({ value: json });
});

test('an explicit span is used instead of the active one', () => {
  traceTask('outer', (outer) =>
    traceTask('inner', () => {
      addAnnotation('a', 1, outer);
      addMetadata('b', 2, 'ns', outer);
      setUser('u', outer);
    }),
  );
  expect(xrayAttributes(tracing.span('outer'))).toEqual({
    'aws.xray.annotations': ['a'],
    'aws.xray.metadata.ns': '{"b":2}',
  });
  expect(tracing.span('outer').attributes['enduser.id']).toBe('u');
  expect(tracing.span('inner').attributes).toEqual({});
});

test('the user is set on the segment, from any span of the request', () => {
  traceTask('request', () => traceTask('handler', () => traceTask('work', () => setUser('u'))));
  const users = tracing.spans().map(({ name, attributes }) => [name, attributes['enduser.id']]);
  expect(users).toEqual([
    ['work', undefined],
    ['handler', undefined],
    ['request', 'u'],
  ]);
});

test('a separate task inside a request has its own user', () => {
  traceTask('request', () => traceTask('task', { root: true }, () => setUser('u')));
  expect(tracing.span('request').attributes['enduser.id']).toBeUndefined();
  expect(tracing.span('task').attributes['enduser.id']).toBe('u');
});

test('a value X-Ray cannot index is not recorded, and logs a warning with the call site', () => {
  const attributes = attributesAfter(() => {
    addAnnotation('cart', { items: 3 } as never);
    addAnnotation('', 'value');
  });
  expect(attributes).toEqual({});
  expect(tracing.logged).toEqual([
    expect.stringMatching(
      /^warn: otel-xray: addAnnotation\("cart"\) got an object: .*annotations\.test\.ts:\d+\)$/,
    ),
    expect.stringMatching(/^warn: otel-xray: addAnnotation\(""\) got string: /),
  ]);
});

test('a span whose methods throw does not affect the app', () => {
  const broken = new Proxy(trace.wrapSpanContext({ traceId: '1', spanId: '1', traceFlags: 1 }), {
    get: (_, key) => () => {
      if (key === 'isRecording') return true;
      throw new Error(`broken ${String(key)}`);
    },
  });
  expect(() => {
    addAnnotation('a', 1, broken);
    addMetadata('a', 1, 'ns', broken);
    setUser('a', broken);
  }).not.toThrow();
});
