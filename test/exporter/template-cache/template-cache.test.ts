import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { truncateDocument } from '../../../src/exporter/batch/truncate.ts';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { XRayExporter } from '../../../src/exporter/index.ts';
import { MAX_DOCUMENT_BYTES } from '../../../src/exporter/limits.ts';
import { WINDOWS, type Window } from '../../../src/exporter/template-cache/shapes.ts';
import { TemplateCache } from '../../../src/exporter/template-cache/template-cache.ts';
import { TemplateCompiler } from '../../../src/exporter/template-cache/template-compiler.ts';
import { readTraceRequest } from '../../../src/otlp/read.ts';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import { toDocuments, toPartialDocuments } from '../../../src/translator/index.ts';
import { toDocument } from '../../../src/translator/partial-document.ts';
import type { SpanAttributes, TranslatableSpan } from '../../../src/translator/span.ts';
import { anySpan, attributeValue } from '../../support/arbitrary-span.ts';
import { documentOf } from '../../support/fake-daemon.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { recordings } from '../../support/fixtures.ts';
import { PARENT_ID, type SpanParts, span } from '../../support/span.ts';

/** One object for all spans, because the cache compares resources by identity. */
const { resource: RESOURCE } = span();

function call(parts: SpanParts = {}): TranslatableSpan {
  const base: SpanParts = { name: 'call', kind: 'CLIENT', parent: PARENT_ID };
  return { ...span({ ...base, ...parts }), resource: RESOURCE };
}

/** Returns the document of a span from its template, without root fields, if there is one. */
function known(templates: TemplateCache, each: TranslatableSpan): unknown {
  const sink = new ByteWriter(8);
  const node = templates.tryWrite(sink, each);
  expect(sink.length).toBe(node?.end ?? 0);
  return node && JSON.parse(`${sink.bytes.toString('utf8', 0, sink.length)}}`);
}

/** Returns the document of a span from the translator, without root fields. */
function translated(each: TranslatableSpan, options: TranslatorOptions = {}): unknown {
  const [document] = toDocuments(each, { randomId: () => 'a'.repeat(16), ...options });
  const { trace_id, parent_id, type, ...fields } = document ?? {};
  return JSON.parse(JSON.stringify(fields));
}

/** Compares a template with the translator, or learns one. Returns whether there was one. */
function isKnown(
  templates: TemplateCache,
  each: TranslatableSpan,
  options: TranslatorOptions,
): boolean {
  const found = known(templates, each);
  if (found === undefined) templates.observe(each);
  expect(found ?? translated(each, options)).toEqual(translated(each, options));
  return found !== undefined;
}

/** A review after four spans, so that the fifth one becomes a template. */
const SOON = [{ samples: 4, interval: 1, templates: 128 }];

/** Returns a cache that has learned a span. */
function cacheWith(each: TranslatableSpan, options: TranslatorOptions = {}): TemplateCache {
  const templates = new TemplateCache(options, SOON);
  for (let time = 0; time < 5; time += 1) templates.observe(each);
  return templates;
}

/** A stack trace of an exception and its cause. */
const STACK = [
  'Error: no stock',
  '    at take (/app/stock.js:3:9)',
  'Caused by: TypeError: no shelf',
  '    at find (/app/shelf.js:7:1)',
].join('\n');

function exception(message: string, more: object = {}): TranslatableSpan['events'][number] {
  const attributes = { 'exception.type': 'Error', 'exception.message': message, ...more };
  return { name: 'exception', time: [1, 0], attributes };
}

const HTTP = {
  'http.request.method': 'GET',
  'url.full': 'http://stock.internal:8080/stock/1',
  'server.address': 'stock.internal',
  'server.port': 8080,
  'http.response.status_code': 200,
};
const SERVED = {
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'url.path': '/orders/1',
  'server.address': 'shop.example.com',
  'client.address': '203.0.113.1',
  'network.peer.address': '10.0.0.7',
};
const QUERY = {
  'db.system.name': 'postgresql',
  'db.query.text': 'SELECT 1',
  'db.user': 'shop',
  'server.address': 'db',
};
const ITEM = {
  'rpc.system': 'aws-api',
  'rpc.method': 'GetItem',
  'aws.request.id': 'R1',
  'aws.dynamodb.table_names': ['carts'],
};

test.for<{ rule: string; before: object; now: object; kind?: SpanParts['kind'] }>([
  { rule: 'identical attributes', before: QUERY, now: QUERY },
  { rule: 'no attributes', before: {}, now: {} },
  {
    rule: 'a URL',
    before: HTTP,
    now: { ...HTTP, 'url.full': 'http://u:p@stock.internal/x?sig=s' },
  },
  { rule: 'a path', before: SERVED, now: { ...SERVED, 'url.path': 'é "x"' }, kind: 'SERVER' },
  {
    rule: 'a client behind a proxy',
    before: SERVED,
    now: { ...SERVED, 'client.address': '2001:db8::1' },
    kind: 'SERVER',
  },
  {
    rule: 'a client that connects directly',
    before: { ...SERVED, 'client.address': '::ffff:10.0.0.7' },
    now: { ...SERVED, 'client.address': '10.0.0.8', 'network.peer.address': '10.0.0.8' },
    kind: 'SERVER',
  },
  {
    rule: 'a query',
    before: { ...SERVED, 'url.query': 'page=1' },
    now: { ...SERVED, 'url.query': '?page=2&X-Amz-Signature=s' },
    kind: 'SERVER',
  },
  {
    rule: 'a path with another query',
    before: { ...SERVED, 'url.query': 'page=1' },
    now: { ...SERVED, 'url.path': '/x', 'url.query': '?' },
    kind: 'SERVER',
  },
  { rule: 'a user', before: { 'user.id': 'ann' }, now: { 'user.id': 'bob' } },
  { rule: 'a request id', before: ITEM, now: { ...ITEM, 'aws.request.id': 'R2\n' } },
  { rule: 'a database user', before: QUERY, now: { ...QUERY, 'db.user': '\ud800' } },
  { rule: 'an attribute of the app', before: { ...QUERY, mine: 1 }, now: { ...QUERY, mine: 2.5 } },
  {
    rule: 'a list of the app',
    before: { ...QUERY, mine: ['a'] },
    now: { ...QUERY, mine: ['b', 7, null] },
  },
  { rule: 'not a number', before: { mine: 1 }, now: { mine: Number.NaN } },
])('a span that differs only in $rule needs no translation', ({ before, now, kind = 'CLIENT' }) => {
  const templates = cacheWith(call({ kind, attributes: { ...before } }));
  const next = call({
    kind,
    attributes: { ...now },
    id: 'aaaaaaaaaaaaaaaa',
    traceId: 'c'.repeat(32),
    start: [1478293362, 0],
    end: [1478293363, 5_000],
  });
  expect(known(templates, next)).toEqual(translated(next));
});

test.for<{
  has: string;
  options: TranslatorOptions;
  attributes: (value: string) => SpanAttributes;
}>([
  {
    has: 'query of a system without SQL',
    options: { recordSqlQuery: false },
    attributes: (value) => ({ 'db.system.name': 'redis', 'db.query.text': `GET ${value}` }),
  },
  {
    has: 'prompt of a model',
    options: { recordMessageContent: false },
    attributes: (value) => ({ 'gen_ai.operation.name': 'chat', 'gen_ai.prompt': value }),
  },
])('a span with another $has that is not recorded needs no translation', (row) => {
  const { options, attributes } = row;
  const templates = cacheWith(call({ attributes: attributes('one') }), options);
  const next = call({ attributes: attributes('two') });
  expect(known(templates, next)).toEqual(translated(next, options));
  expect(JSON.stringify(known(templates, next))).not.toContain('two');
});

test.for<{ differs: string; now: SpanParts }>([
  { differs: 'kind', now: { kind: 'SERVER' } },
  { differs: 'status', now: { status: { code: 1 } } },
  { differs: 'parent', now: { remoteParent: true } },
  { differs: 'name', now: { name: 'other' } },
  { differs: 'HTTP status', now: { attributes: { ...HTTP, 'http.response.status_code': 500 } } },
  { differs: 'method', now: { attributes: { ...HTTP, 'http.request.method': '_OTHER' } } },
  { differs: 'URL, which is blank', now: { attributes: { ...HTTP, 'url.full': ' ' } } },
  { differs: 'URL, which shows nothing', now: { attributes: { ...HTTP, 'url.full': '#a' } } },
  { differs: 'URL, which is a number', now: { attributes: { ...HTTP, 'url.full': 7 } } },
  {
    differs: 'URL, which is too long',
    now: { attributes: { ...HTTP, 'url.full': `http://a/${'x'.repeat(3_000)}` } },
  },
  { differs: 'keys, one more', now: { attributes: { ...HTTP, more: 1 } } },
  { differs: 'keys, one less', now: { attributes: { 'http.request.method': 'GET' } } },
])('a span that differs in its $differs is translated', ({ now }) => {
  const templates = cacheWith(call({ attributes: HTTP }));
  expect(known(templates, call({ attributes: HTTP }))).toBeDefined();
  expect(known(templates, call({ attributes: HTTP, ...now }))).toBeUndefined();
});

test('a list on which the document depends is compared with its value at compilation', () => {
  const attributes = { ...ITEM, 'aws.dynamodb.table_names': ['carts'] };
  const templates = cacheWith(call({ attributes }));
  attributes['aws.dynamodb.table_names'].push('orders');
  expect(known(templates, call({ attributes }))).toBeUndefined();
  expect(known(templates, call({ attributes: ITEM }))).toEqual(
    translated(call({ attributes: ITEM })),
  );
});

test.for<{ has: string; parts: SpanParts }>([
  {
    has: 'two exceptions',
    parts: { events: [exception('a'), exception('a')] },
  },
  {
    has: 'an exception with a different time',
    parts: { events: [{ ...exception('a'), attributes: { 'exception.message': 'a', mine: 1 } }] },
  },
  { has: 'an event', parts: { events: [{ name: 'e', time: [1, 0] }] } },
  {
    has: 'a link',
    parts: { links: [{ context: { traceId: 'c'.repeat(32), spanId: 'a'.repeat(16) } }] },
  },
  { has: 'very long attributes', parts: { attributes: { text: 'x'.repeat(5_000) } } },
  { has: 'no end', parts: { attributes: { 'aws.xray.inprogress': true } } },
  { has: 'two documents', parts: { remoteParent: true } },
])('nothing is learned from a span that has $has', ({ parts }) => {
  expect(known(cacheWith(call(parts)), call(parts))).toBeUndefined();
});

describe('in a Lambda function', () => {
  const INVOKED = 'cccccccccccccccc';
  const options: TranslatorOptions = { lambda: { parentId: INVOKED } };
  const server = (parent: string): TranslatableSpan =>
    call({ kind: 'SERVER', attributes: SERVED, parent, remoteParent: true });

  test.for([
    { rule: 'the invocation', of: INVOKED, other: PARENT_ID },
    { rule: 'another remote parent', of: PARENT_ID, other: INVOKED },
  ])('a span below $rule is learned for that parent only', ({ of, other }) => {
    const templates = cacheWith(server(of), options);
    const writer = new ByteWriter(8);
    const written = templates.tryWrite(writer, server(of));
    const [{ type } = {}] = toDocuments(server(of), options);
    expect(written).toMatchObject({ parentId: of, subsegment: type === 'subsegment' });
    expect(known(templates, server(of))).toEqual(translated(server(of), options));
    expect(known(templates, server(other))).toBeUndefined();
  });
});

test('the exporter of a Lambda function compiles templates in a later turn of the event loop', async () => {
  const compile = vi.spyOn(TemplateCompiler.prototype, 'compile');
  const network = fakeNetwork();
  const exporter = new XRayExporter({
    translator: { lambda: { parentId: PARENT_ID } },
    deps: { createSocket: network.createSocket },
  });
  for (let index = 0; index < 200; index += 1) exporter.enqueue([call({ attributes: HTTP })]);
  exporter.flushSync();
  const before = compile.mock.calls.length;
  await new Promise((resume) => setImmediate(resume));
  const after = compile.mock.calls.length;
  compile.mockRestore();
  await exporter.shutdown();
  expect([network.sent.length, before, after]).toEqual([200, 0, 1]);
});

const FAILED = { status: { code: 2, message: 'no stock' } };
const THROWN = { ...FAILED, events: [exception('no stock', { 'exception.stacktrace': STACK })] };

test.for<{ failure: string; parts: SpanParts }>([
  { failure: 'a status', parts: FAILED },
  { failure: 'an exception', parts: THROWN },
  { failure: 'an exception that did no harm', parts: { events: THROWN.events } },
])('$failure that recurs needs no translation', ({ parts }) => {
  let made = 0;
  const options = {
    randomId: () => {
      made += 1;
      return `${made}`.padStart(16, '0');
    },
  };
  const each = call({ ...parts, attributes: HTTP });
  const templates = cacheWith(each, options);
  made = 0;
  const found = [known(templates, each), known(templates, each)];
  made = 0;
  expect(found).toEqual([translated(each, options), translated(each, options)]);
});

test.for<{ differs: string; now: SpanParts }>([
  { differs: 'status', now: { status: { code: 0 } } },
  { differs: 'message', now: { status: { code: 2, message: 'no shelf' } } },
  { differs: 'exception', now: { events: [exception('no shelf')] } },
  {
    differs: 'exception, with more attributes',
    now: { events: [exception('no stock', { mine: 1 })] },
  },
  { differs: 'exception, with fewer attributes', now: { events: [exception('no stock')] } },
  { differs: 'exceptions, one fewer', now: { events: [] } },
  { differs: 'exceptions, one more', now: { events: [...THROWN.events, ...THROWN.events] } },
  { differs: 'event', now: { events: THROWN.events.map((event) => ({ ...event, name: 'e' })) } },
])('a failure that differs in its $differs is translated', ({ now }) => {
  const templates = cacheWith(call(THROWN));
  expect(known(templates, call(THROWN))).toBeDefined();
  expect(known(templates, call({ ...THROWN, ...now }))).toBeUndefined();
});

test('no value of a span appears in the document of another one', () => {
  const templates = new TemplateCache({}, [{ samples: 8, interval: 1, templates: 128 }]);
  const spans = [
    call({ name: 'list', attributes: { mine: ['secret'] } }),
    call({ name: 'null', attributes: { mine: null } }),
  ];
  for (let time = 0; time < 40; time += 1) {
    for (const each of spans) {
      expect(known(templates, each) ?? translated(each)).toEqual(translated(each));
      templates.observe(each);
    }
  }
  expect(spans.map((each) => known(templates, each))).toEqual(
    spans.map((each) => translated(each)),
  );
});

test('a span is not dropped if a getter of an event throws while it is learned', () => {
  const event = exception('a');
  const attributes = {
    get 'exception.message'(): string {
      throw new Error('read twice');
    },
  };
  const each = call({ events: [{ ...event, attributes }] });
  expect(known(cacheWith(each), call())).toBeUndefined();
});

test('a span without a valid id is passed to the translator, which reports it', () => {
  const templates = cacheWith(call());
  expect(known(templates, call({ id: '0'.repeat(16) }))).toBeUndefined();
  expect(known(templates, call({ traceId: 'x' }))).toBeUndefined();
});

test('a span with another resource is translated', () => {
  expect(known(cacheWith(call()), { ...call(), resource: { attributes: {} } })).toBeUndefined();
});

const withKey = (index: number, parts: SpanParts = {}) =>
  call({ attributes: { [`a${index}`]: 1 }, ...parts });
const failed = (index: number) => withKey(0, { events: [exception(`no order ${index}`)] });
const withStatus = (status: number) =>
  call({ attributes: { 'http.response.status_code': status } });
const withMethod = (number: number) =>
  call({ attributes: { 'http.request.method': `METHOD${number}` } });

describe('what is learned', () => {
  let compile: MockInstance<TemplateCompiler['compile']>;
  beforeEach(() => {
    compile = vi.spyOn(TemplateCompiler.prototype, 'compile');
  });
  afterEach(() => compile.mockRestore());

  /** Passes spans to the cache as the exporter does. Returns the number of hits. */
  function passed(
    templates: TemplateCache,
    count: number,
    spanAt: (index: number) => TranslatableSpan,
  ): number {
    let hits = 0;
    for (let index = 0; index < count; index += 1) {
      const each = spanAt(index);
      if (known(templates, each) === undefined) templates.observe(each);
      else hits += 1;
    }
    return hits;
  }

  test.for([
    { shapes: 1, after: 150, compiled: 1 },
    { shapes: 8, after: 250, compiled: 8 },
    { shapes: 16, after: 400, compiled: 16 },
    { shapes: 32, after: 18_000, compiled: 32 },
    { shapes: 64, after: 18_000, compiled: 60 },
    { shapes: 128, after: 85_000, compiled: 120 },
  ])('$shapes shapes are known after $after spans', ({ shapes, after, compiled }) => {
    const templates = new TemplateCache({});
    passed(templates, after, (index) => withKey(index % shapes));
    expect(passed(templates, shapes, withKey)).toBeGreaterThanOrEqual(compiled);
    expect(compile.mock.calls.length).toBeLessThanOrEqual(shapes);
  });

  test.for([
    { variety: 'shapes never recur', spanAt: withKey },
    { variety: 'shapes rarely recur', spanAt: (index: number) => withKey(index % 300) },
    { variety: 'names never recur', spanAt: (index: number) => call({ name: `name ${index}` }) },
    { variety: 'failures never recur', spanAt: failed },
    { variety: 'HTTP statuses never recur', spanAt: withStatus },
  ])('an app whose $variety pays for no templates', ({ spanAt }) => {
    expect(passed(new TemplateCache({}), 90_000, spanAt)).toBe(0);
    expect(compile).not.toHaveBeenCalled();
  });

  test('an app with many shapes pays for one sample of 50 spans', () => {
    const templates = new TemplateCache({});
    let looks = 0;
    const spanAt = (index: number): TranslatableSpan => ({
      ...withKey(index),
      get kind(): TranslatableSpan['kind'] {
        looks += 1;
        return 2;
      },
    });
    for (let index = 0; index < 16_000; index += 1) {
      const each = spanAt(index);
      expect(templates.tryWrite(new ByteWriter(8), each)).toBeUndefined();
      templates.observe(each);
    }
    expect(looks).toBeLessThanOrEqual(320);
  });

  test('an app with unique values that decide about the document pays for few templates', () => {
    expect(passed(new TemplateCache({}), 90_000, withMethod)).toBe(0);
    expect(compile.mock.calls.length).toBeLessThan(12);
  });

  test('unique failures do not keep other spans from being learned', () => {
    const templates = new TemplateCache({});
    passed(templates, 3_000, (index) => (index % 5 === 0 ? withKey(0) : failed(index)));
    expect(known(templates, withKey(0))).toBeDefined();
  });

  test('other values get their own templates, one after the other', () => {
    const templates = cacheWith(withMethod(1));
    expect(passed(templates, 2, () => withMethod(1))).toBe(2);
    expect(passed(templates, 2, () => withMethod(2))).toBe(1);
    expect(passed(templates, 2, () => withMethod(3))).toBe(1);
  });

  test('no template is added for a key set before its last one was used', () => {
    const templates = cacheWith(withMethod(1));
    expect(passed(templates, 2, () => withMethod(2))).toBe(0);
  });

  test('lookups stop while too few of them are hits', () => {
    const templates = new TemplateCache({}, [{ samples: 4, interval: 1, templates: 1 }]);
    passed(templates, 5, () => call());
    expect(passed(templates, 5, () => call())).toBe(5);
    passed(templates, 11, withKey);
    expect(known(templates, call())).toBeUndefined();
  });

  test('the largest window learns 8 names with 64 key sets each', () => {
    const templates = new TemplateCache({}, [{ ...(WINDOWS.at(-1) as Window), interval: 8 }]);
    const oneOfMany = (index: number) =>
      call({ name: `call ${index % 8}`, attributes: { [`app.key.${(index >> 3) % 64}`]: 1 } });
    passed(templates, 28_672, oneOfMany);
    expect(passed(templates, 512, oneOfMany)).toBeGreaterThan(480);
  });

  test('current shapes replace those that are no longer used', () => {
    const templates = new TemplateCache({});
    const earlier = (index: number) => withKey(index % 16);
    const later = (index: number) => withKey(16 + (index % 16));
    expect(passed(templates, 600, earlier)).toBeGreaterThan(200);
    passed(templates, 17_000, later);
    expect(passed(templates, 16, later)).toBe(16);
    expect(passed(templates, 16, earlier)).toBe(0);
  });
});

test('a document that is too long is truncated like a translated one', async () => {
  const network = fakeNetwork();
  const exporter = new XRayExporter({ deps: { createSocket: network.createSocket } });
  for (const mine of ['a', 'b', 'c', 'x'.repeat(100_000)]) {
    exporter.enqueue([call({ attributes: { mine } })]);
  }
  await exporter.shutdown();
  expect(exporter.counters()).toMatchObject({ sent: 4, cut: 1 });
  expect(network.sent.map((bytes) => documentOf(bytes).name)).toEqual(Array(4).fill('call'));
});

const randomId = () => 'a'.repeat(16);
const SETTINGS: readonly TranslatorOptions[] = [
  { randomId },
  { randomId, indexAllAttributes: true, downstreamTraced: true },
  {
    randomId,
    indexedAttributes: ['otel.resource.*', 'http.*', 'url.*', 'x'],
    resourceMetadata: ['service.name'],
  },
  { randomId, recordSqlQuery: false, stripUrlQuery: true, annotationDots: false },
];

const failures = [{ events: [], status: { code: 0 } }, FAILED, THROWN];
const plain = fc
  .tuple(anySpan, fc.constantFrom(...failures))
  .map(([each, failure]) => ({ ...each, events: [], links: [], ...failure }));
const key = fc.constantFrom(
  ...[
    'http.request.method',
    'url.full',
    'url.path',
    'url.query',
    'user.id',
    'client.address',
    'db.system',
    'db.user',
  ],
  ...['aws.span.kind', 'aws.request.id', 'user_agent.original', 'server.address', 'x'],
);
const value = fc.oneof(attributeValue, fc.constantFrom('http://h/a', '/p', '203.0.113.9', 'GET'));

test('law: a template gives the same document as the translator', () => {
  let hits = 0;
  fc.assert(
    fc.property(
      plain,
      fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }),
      fc.array(value, { minLength: 3, maxLength: 3 }),
      fc.constantFrom(...SETTINGS),
      (each, more, others, options) => {
        const templates = new TemplateCache(options, SOON);
        const first = { ...each, attributes: { ...each.attributes, ...Object.fromEntries(more) } };
        const near = others.map((other, index) => ({
          ...first,
          attributes: { ...first.attributes, [more[index % more.length]?.[0] ?? 'x']: other },
        }));
        const often = Array.from({ length: 20 }, () => first);
        for (const next of [...often, ...near, ...near, first, ...often]) {
          hits += Number(isKnown(templates, next, options));
        }
      },
    ),
    { numRuns: 3_000 },
  );
  expect(hits).toBeGreaterThan(1_000);
});

/** Usually the same value, so that the cache treats it as constant for some time. */
const mostly = (often: unknown, ...others: readonly unknown[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(often) }, fc.constantFrom(...others));

test('law: this also applies to attributes that are part of the same value', () => {
  let hits = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          'url.path': mostly('/a', '/b', 'c', ' ', 7, `/${'x'.repeat(3_000)}`),
          'url.query': mostly('a=1', '?b=2', '?', ' ', 7, 'token=s'),
          'enduser.id': mostly('ann', 'bob', 5, ' '),
          'client.address': mostly('203.0.113.1', '10.0.0.7', '::ffff:10.0.0.8', 'me', ' ', 7),
          'network.peer.address': mostly('10.0.0.7', '10.0.0.8', '/tmp/sock', ' ', 7),
          'aws.xray.annotations': fc
            .constantFrom('', 'url.path', 'url.query')
            .map((name) => [name]),
        }),
        { minLength: 60, maxLength: 60 },
      ),
      fc.constantFrom(...SETTINGS),
      (served, options) => {
        const templates = new TemplateCache(options, SOON);
        for (const some of served) {
          const each = call({ kind: 'SERVER', attributes: { ...SERVED, ...some } });
          hits += Number(isKnown(templates, each, options));
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(hits).toBeGreaterThan(1_000);
});

/** Number of recorded spans that recur, more than are learned without hits. */
const GROUP = 24;

describe('recorded spans', () => {
  test('law: a template gives the same document as the translator, whatever came before', () => {
    const options = { randomId };
    let hits = 0;
    let all = 0;
    for (const { lines } of recordings()) {
      const spans = lines().flatMap((line) => readTraceRequest(line));
      for (let start = 0; start < spans.length; start += GROUP) {
        const group = spans.slice(start, start + GROUP);
        const templates = new TemplateCache(options, [
          { samples: 3 * group.length, interval: 1, templates: 128 },
        ]);
        for (const each of Array(8).fill(group).flat()) {
          all += 1;
          hits += Number(isKnown(templates, each, options));
        }
      }
    }
    expect(hits / all).toBeGreaterThan(0.2);
  });

  test.for(recordings())(
    '$name: the exporter sends the same with the cache and without',
    async ({ lines }) => {
      const spans = lines()
        .flatMap((line) => readTraceRequest(line))
        .slice(0, 16);
      const often: TranslatableSpan[] = Array(64).fill(spans).flat();
      const translated = often
        .flatMap((each) => toDocuments(each, { randomId }))
        .map((document) => truncateDocument(document, MAX_DOCUMENT_BYTES).document);
      const expected: unknown = JSON.parse(JSON.stringify(translated));
      expect(await sentDocuments(often, true)).toEqual(expected);
      expect(await sentDocuments(often, false)).toEqual(expected);
    },
  );
});

/** Returns the documents that an exporter sends, each in a separate datagram. */
async function sentDocuments(
  spans: readonly TranslatableSpan[],
  templateCache: boolean,
): Promise<unknown> {
  const network = fakeNetwork();
  const exporter = new XRayExporter({
    translator: { randomId },
    templateCache,
    nesting: false,
    maxQueueSize: spans.length,
    bytesPerMs: 1e9,
    deps: { createSocket: network.createSocket },
  });
  for (const each of spans) exporter.enqueue([each]);
  await exporter.shutdown();
  return network.sent.map(documentOf);
}

test('a partial document and the whole document are the same', () => {
  const [draft] = toPartialDocuments(call({ attributes: { mine: 1 } }));
  expect(draft && toDocument(draft)).toEqual(toDocuments(call({ attributes: { mine: 1 } }))[0]);
});
