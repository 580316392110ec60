import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { SpecializedTemplate } from '../../../src/exporter/template-cache/specialize.ts';
import {
  fillInOrder,
  type Template,
  writeFilled,
} from '../../../src/exporter/template-cache/template.ts';
import { TemplateCompiler } from '../../../src/exporter/template-cache/template-compiler.ts';
import { PARENT_ID, type SpanParts, span } from '../../support/span.ts';

const QUERY = {
  'db.system.name': 'postgresql',
  'db.query.text': 'SELECT 1',
  'db.user': 'shop',
  'network.peer.address': '10.0.0.7',
  'app.order': 1,
};

function templateOf(attributes: object, kind: SpanParts['kind'] = 'CLIENT'): SpecializedTemplate {
  const each = span({
    name: 'q',
    kind,
    parent: PARENT_ID,
    attributes: { ...attributes },
  });
  const template = new TemplateCompiler({}).compile(each);
  if (template === undefined) throw new TypeError('no template');
  return new SpecializedTemplate(template);
}

/** Fills in a template. Returns the number of filled-in values and the written text. */
function filled(specialized: SpecializedTemplate, attributes: Record<string, unknown>) {
  const once = inOnePass(specialized, attributes);
  const template = specialized.match(Object.values(attributes));
  const result = template && { values: template.chunks.length - 1, text: written(template) };
  expect([undefined, result?.text]).toContain(once);
  return result;
}

/** Returns what is written if keys and values are compared in one pass. */
function inOnePass({ ordered }: SpecializedTemplate, attributes: Record<string, unknown>) {
  const isFilled = ordered !== undefined && fillInOrder(ordered, attributes);
  return isFilled ? written(ordered.template) : undefined;
}

function written(template: Template): string {
  const out = new ByteWriter(8);
  writeFilled(out, template);
  return out.bytes.toString('utf8', 0, out.length);
}

const textOf = (attributes: object) => filled(templateOf(attributes), { ...attributes })?.text;

/** Fills in a template `count` times with different orders. */
function fillMany(
  specialized: SpecializedTemplate,
  count: number,
  attributes: object = QUERY,
): void {
  for (let order = 0; order < count; order += 1) {
    filled(specialized, { ...attributes, 'app.order': order + 2 });
  }
}

test('values that were constant for 16 spans become part of the bytes', () => {
  const specialized = templateOf(QUERY);
  fillMany(specialized, 15);
  expect(filled(specialized, QUERY)?.values).toBe(3);
  const next = { ...QUERY, 'app.order': 99 };
  expect(filled(specialized, next)).toEqual({ values: 1, text: textOf(next) });
});

test('a template whose values are all constant has nothing to fill in', () => {
  const specialized = templateOf(QUERY);
  for (let time = 0; time < 16; time += 1) filled(specialized, QUERY);
  expect(filled(specialized, QUERY)).toEqual({ values: 0, text: textOf(QUERY) });
});

test('a value that changed once is never treated as constant again', () => {
  const specialized = templateOf(QUERY);
  fillMany(specialized, 16);
  const other = { ...QUERY, 'db.user': 'stock' };
  expect(filled(specialized, other)).toEqual({ values: 3, text: textOf(other) });
  fillMany(specialized, 15, other);
  expect(filled(specialized, other)).toEqual({ values: 2, text: textOf(other) });
  expect(filled(specialized, QUERY)).toEqual({ values: 2, text: textOf(QUERY) });
});

test('a value that always changes is always filled in', () => {
  const attributes = { 'app.order': 1 };
  const specialized = templateOf(attributes);
  fillMany(specialized, 40, attributes);
  expect(filled(specialized, attributes)).toEqual({ values: 1, text: textOf(attributes) });
});

test('attributes that are part of the same value are constant only while all of them are', () => {
  const served = (path: string, query: string) => ({
    'server.address': 'shop.example.com',
    'url.path': path,
    'url.query': query,
  });
  const specialized = templateOf(served('/a', 'q=1'), 'SERVER');
  for (let time = 0; time < 16; time += 1) filled(specialized, served('/a', 'q=1'));
  expect(filled(specialized, served('/a', 'q=1'))?.values).toBe(0);
  const texts = ['q=2', 'q=1', 'q=3'].map(
    (query) => filled(specialized, served('/a', query))?.text,
  );
  expect(texts.map((text) => /shop\.example\.com([^"]*)/.exec(text ?? '')?.[1])).toEqual([
    '/a?q=2',
    '/a?q=1',
    '/a?q=3',
  ]);
  for (let time = 0; time < 16; time += 1) filled(specialized, served('/a', 'q=2'));
  expect(filled(specialized, served('/a', 'q=2'))?.values).toBe(1);
});

test('a specialized template matches no span that the general one does not match', () => {
  const specialized = templateOf(QUERY);
  fillMany(specialized, 16);
  expect(filled(specialized, { ...QUERY, 'db.system.name': 'mysql' })).toBeUndefined();
  expect(filled(specialized, { ...QUERY, 'db.user': 7 })).toBeUndefined();
});

test('a list is compared with its items at compilation', () => {
  const list = ['a'];
  const specialized = templateOf({ list });
  for (let time = 0; time < 16; time += 1) filled(specialized, { list: ['a'] });
  list.push('b');
  expect(filled(specialized, { list })).toEqual({ values: 1, text: textOf({ list }) });
});

const SERVED = {
  'http.request.method': 'GET',
  'server.address': 'shop.example.com',
  'url.path': '/a',
  'url.query': 'q=1',
  list: ['a'],
};

test.each<[string, object, boolean]>([
  ['the same attributes', {}, true],
  ['another value that is copied', { 'url.path': '/b' }, true],
  ['another value that is copied together with one before it', { 'url.query': 'q=9' }, true],
  ['another value that was constant', { 'server.address': 'b.example.com' }, false],
  ['another value on which the document depends', { 'http.request.method': 'PUT' }, false],
  ['another list', { list: ['b'] }, false],
  ['a value of another type', { 'url.query': 7 }, false],
  ['another key at the end', { other: 1 }, false],
])('one pass over the attributes recognizes %s: %#', (_what, changes, isKnown) => {
  const specialized = templateOf(SERVED, 'SERVER');
  for (let order = 0; order < 16; order += 1) {
    filled(specialized, { ...SERVED, 'url.path': `/${order}`, 'url.query': `q=${order}` });
  }
  const attributes = { ...SERVED, ...changes };
  const text = filled(templateOf(SERVED, 'SERVER'), { ...attributes })?.text;
  expect(inOnePass(specialized, { ...attributes })).toBe(isKnown ? text : undefined);
});

test.each<[string, readonly (readonly [string, unknown])[]]>([
  ['fewer keys', Object.entries(QUERY).slice(0, -1)],
  ['no keys', []],
  ['another order', Object.entries(QUERY).toReversed()],
])('one pass over the attributes finds nothing for %s', (_what, entries) => {
  const specialized = templateOf(QUERY);
  fillMany(specialized, 16);
  expect(inOnePass(specialized, { ...QUERY })).toBe(textOf(QUERY));
  expect(inOnePass(specialized, Object.fromEntries(entries))).toBeUndefined();
});
