import { expect, test } from 'vitest';
import {
  parseIndexedAttributes,
  type TranslatorOptions,
} from '../../../src/translator/context/options.ts';
import type { SpanAttributes } from '../../../src/translator/span.ts';
import { oneDocument } from '../../support/translated.ts';

interface Row {
  readonly rule: string;
  readonly attributes: SpanAttributes;
  readonly options?: TranslatorOptions;
  readonly annotations?: unknown;
  readonly rest?: unknown;
}

const ROWS: readonly Row[] = [
  {
    rule: "the span's own list",
    attributes: { 'aws.xray.annotations': ['a', 'missing', 5], a: 1, b: 2 },
    annotations: { a: 1 },
    rest: { b: 2 },
  },
  {
    rule: "the span's own list as a string (B-43)",
    attributes: { 'aws.xray.annotations': 'a, b', a: 1, b: 2 },
    annotations: { a: 1, b: 2 },
  },
  {
    rule: 'a list of another type stays in metadata',
    attributes: { 'aws.xray.annotations': 7 },
    rest: { 'aws.xray.annotations': 7 },
  },
  {
    rule: 'the option',
    attributes: { a: 'x', b: true, c: 1.5, d: '' },
    options: { indexedAttributes: ['d', 'c', 'a', 'b'] },
    annotations: { d: '', c: 1.5, a: 'x', b: true },
  },
  {
    rule: 'aliases',
    attributes: { 'order.id': 1, tier: 2 },
    options: {
      indexedAttributes: ['order.id'],
      indexedAttributeAliases: { 'order.id': 'order', tier: 'level' },
    },
    annotations: { order: 1, level: 2 },
  },
  {
    rule: 'a captured header with one value, but not one with two',
    attributes: {
      'http.request.header.x-tenant': ['acme'],
      'http.response.header.via': ['a', 'b'],
      'app.list': ['one'],
    },
    options: { indexedAttributes: ['http.*', 'app.list'] },
    annotations: { 'http.request.header.x_tenant': 'acme' },
    rest: { 'http.response.header.via': ['a', 'b'], 'app.list': ['one'] },
  },
  {
    rule: 'wildcards',
    attributes: { 'app.b': 1, 'app.a': 2, other: 3 },
    options: { indexedAttributes: ['app.*'] },
    annotations: { 'app.a': 2, 'app.b': 1 },
    rest: { other: 3 },
  },
  {
    rule: 'wildcards do not match attributes that control the translator',
    attributes: { 'aws.xray.sampling_rule': 'r', 'aws.xray.metadata.ns': '{}', 'aws.xray.x': 1 },
    options: { indexedAttributes: ['aws.*'] },
    annotations: { 'aws.xray.x': 1 },
    rest: { 'aws.xray.metadata.ns': '{}' },
  },
  {
    rule: 'the prefix annotation.',
    attributes: { 'annotation.order': 1, x: 2 },
    annotations: { order: 1 },
    rest: { x: 2 },
  },
  {
    rule: 'both lists can index attributes that a block uses (B-43)',
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/a',
      'aws.xray.annotations': ['http.request.method'],
    },
    options: { indexedAttributes: ['http.route'] },
    annotations: { 'http.request.method': 'GET', 'http.route': '/a' },
  },
  {
    rule: 'all attributes that no block uses',
    attributes: { b: 1, a: 2, 'http.request.method': 'GET', list: [1] },
    options: { indexAllAttributes: true },
    annotations: { a: 2, b: 1, 'otel.resource.service.name': 'checkout' },
    rest: { list: [1] },
  },
  {
    rule: 'values that cannot be indexed stay in metadata (B-44)',
    attributes: {
      'aws.xray.annotations': ['list', 'map', 'nan', 'none'],
      list: ['x'],
      map: { k: 1 },
      nan: Number.NaN,
      none: null,
    },
    rest: { list: ['x'], map: { k: 1 }, nan: 'NaN', none: null },
  },
  {
    rule: 'big integers',
    attributes: { 'aws.xray.annotations': ['small', 'big'], small: 5n, big: 2n ** 60n },
    annotations: { small: 5, big: '1152921504606846976' },
  },
  {
    rule: 'a long value is truncated; metadata contains the whole value',
    attributes: { 'aws.xray.annotations': ['a'], a: 'x'.repeat(1_001) },
    annotations: { a: 'x'.repeat(1_000) },
    rest: { a: 'x'.repeat(1_001) },
  },
  {
    rule: 'invalid characters in keys are replaced, dots are kept',
    attributes: { 'aws.xray.annotations': ['a b.c-d_ü'], 'a b.c-d_ü': 1 },
    annotations: { 'a_b.c_d__': 1 },
  },
  {
    rule: 'with annotationDots false, dots become underscores',
    attributes: { 'aws.xray.annotations': ['a.b'], 'a.b': 1 },
    options: { annotationDots: false },
    annotations: { a_b: 1 },
  },
  {
    rule: 'if two keys collide, the later one stays in metadata',
    attributes: { 'aws.xray.annotations': ['a b', 'a-b'], 'a b': 1, 'a-b': 2 },
    annotations: { a_b: 1 },
    rest: { 'a-b': 2 },
  },
  {
    rule: 'a resource attribute is indexed and removed from metadata',
    attributes: { 'aws.xray.annotations': ['otel.resource.service.name'] },
    options: { resourceMetadata: 'all' },
    annotations: { 'otel.resource.service.name': 'checkout' },
  },
  {
    rule: 'secrets are redacted in annotations, too',
    attributes: { 'aws.xray.annotations': ['url.full'], 'url.full': 'http://u:p@h/?sig=s' },
    annotations: { 'url.full': 'http://h/?sig=REDACTED' },
  },
  {
    rule: 'a key named __proto__',
    attributes: JSON.parse('{"__proto__":1,"aws.xray.annotations":["__proto__","constructor"]}'),
    annotations: JSON.parse('{"__proto__":1}'),
  },

  {
    rule: 'metadata: a namespace',
    attributes: { 'aws.xray.metadata.ns': '{"a":{"b":[1,null]}}' },
    rest: undefined,
  },
  {
    rule: 'metadata: the namespace default, in any case',
    attributes: { 'aws.xray.metadata.Default': '{"a":1}', a: 2 },
    rest: { a: 2, a_: 1 },
  },
  {
    rule: 'metadata: a value that is not an object keeps its attribute key',
    attributes: {
      'aws.xray.metadata.x': '[1]',
      'aws.xray.metadata.y': 'bad',
      'aws.xray.metadata.': '{"a":1}',
      'aws.xray.metadata.z': '{}',
      'aws.xray.metadata.n': 5,
    },
    rest: {
      'aws.xray.metadata.x': '[1]',
      'aws.xray.metadata.y': 'bad',
      'aws.xray.metadata.': '{"a":1}',
      'aws.xray.metadata.z': '{}',
      'aws.xray.metadata.n': 5,
    },
  },
  {
    rule: 'metadata: values that JSON cannot represent',
    attributes: {
      nan: [Number.NaN, 1],
      inf: Number.POSITIVE_INFINITY,
      bytes: new Uint8Array([1, 2]),
      big: { n: 2n ** 60n },
      date: new Date(0),
      fn: Symbol('s'),
    },
    rest: {
      nan: ['NaN', 1],
      inf: 'Infinity',
      bytes: 'AQI=',
      big: { n: '1152921504606846976' },
      date: '1970-01-01T00:00:00.000Z',
      fn: 'Symbol(s)',
    },
  },
  {
    rule: 'metadata: __proto__ is an ordinary key',
    attributes: JSON.parse('{"__proto__":{"a":1},"constructor":2,"n":{"__proto__":3}}'),
    rest: JSON.parse('{"__proto__":{"a":1},"constructor":2,"n":{"__proto__":3}}'),
  },
  {
    rule: 'metadata: attributes that control the translation are omitted',
    attributes: { 'aws.span.kind': 'SERVER', 'aws.is.local.root': true },
    rest: undefined,
  },
];

test.for(ROWS)('$rule', ({ attributes, options, annotations, rest }) => {
  const document = oneDocument({ kind: 'INTERNAL', attributes }, options);
  expect(document.annotations).toEqual(annotations);
  expect(document.metadata?.['default']).toEqual(rest);
});

test('metadata: namespaces by name; reserved AWS namespaces are renamed', () => {
  const attributes = {
    'aws.xray.metadata.ns': '{"a":{"b":[1,null]}}',
    'aws.xray.metadata.AWS.x': '{"a":1}',
    'aws.xray.metadata.events': '{"events":"mine"}',
  };
  const events = [{ name: 'e', time: [2, 0] as const }];
  expect(oneDocument({ attributes, events }).metadata).toEqual({
    ns: { a: { b: [1, null] } },
    AWS_x: { a: 1 },
    events: { events: 'mine', events_: [{ name: 'e', time: 2 }] },
  });
});

test('50 annotations by priority: own list, option, others by key; the rest stays in metadata', () => {
  const keys = Array.from({ length: 60 }, (_, i) => `k${String(i).padStart(2, '0')}`);
  const attributes = {
    ...Object.fromEntries(keys.map((key) => [key, 1])),
    'aws.xray.annotations': ['k59'],
  };
  const { annotations, metadata } = oneDocument(
    { attributes, kind: 'INTERNAL', parent: '1111111111111111' },
    { indexedAttributes: ['k58', 'k*'] },
  );
  expect(Object.keys(annotations ?? {})).toEqual(['k59', 'k58', ...keys.slice(0, 48)]);
  expect(Object.keys(metadata?.['default'] ?? {})).toEqual(keys.slice(48, 58));
});

test.for([
  { resourceMetadata: 'all' as const, rest: { 'otel.resource.a': 1, 'otel.resource.l': ['x'] } },
  { resourceMetadata: 'none' as const, rest: undefined },
  { resourceMetadata: ['l', 'missing'], rest: { 'otel.resource.l': ['x'] } },
])(
  'resource metadata: $resourceMetadata; without empty values, and not on subsegments',
  ({ resourceMetadata, rest }) => {
    const resource = { a: 1, l: ['x'], empty: '', none: undefined, nothing: [] };
    expect(oneDocument({ resource }, { resourceMetadata }).metadata?.['default']).toEqual(rest);
    const inside = { kind: 'INTERNAL', parent: '1111111111111111', resource } as const;
    expect(oneDocument(inside, { resourceMetadata }).metadata).toBeUndefined();
  },
);

test('cycles and deep values are replaced by a note', () => {
  const cycle: Record<string, unknown> = { a: 1 };
  cycle['self'] = cycle;
  let deep: unknown = 'end';
  for (let i = 0; i < 100; i += 1) deep = [deep];
  const { metadata } = oneDocument({ attributes: { cycle, deep }, resource: {} });
  expect(metadata?.['default']?.['cycle']).toEqual({ a: 1, self: '[Circular]' });
  expect(JSON.stringify(metadata?.['default']?.['deep'])).toBe(
    `${'['.repeat(24)}"[Too deep]"${']'.repeat(24)}`,
  );
});

test('the size of an object that is shared at every level is limited', () => {
  let shared: unknown = 'x';
  for (let i = 0; i < 23; i += 1) shared = { a: shared, b: shared };
  const { metadata } = oneDocument({ attributes: { shared }, resource: {} });
  expect(JSON.stringify(metadata).length).toBeLessThan(1_000_000);
  expect(JSON.stringify(metadata)).toContain('[Too large]');
});

test.for([
  { text: 'a,b=c, app.* ,', attributes: ['a', 'b', 'app.*'], aliases: { b: 'c' } },
  { text: '', attributes: [], aliases: {} },
  { text: '=x,y=', attributes: ['y'], aliases: {} },
])('parses the one-line list "$text"', ({ text, attributes, aliases }) => {
  expect(parseIndexedAttributes(text)).toEqual({
    indexedAttributes: attributes,
    indexedAttributeAliases: aliases,
  });
});
