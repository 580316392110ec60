import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { SpecializedTemplate } from '../../../src/exporter/template-cache/specialize.ts';
import { writeFilled } from '../../../src/exporter/template-cache/template.ts';
import { TemplateCompiler } from '../../../src/exporter/template-cache/template-compiler.ts';
import { PARENT_ID, type SpanParts, span } from '../../support/span.ts';

const QUERY = {
  'db.system.name': 'postgresql',
  'db.query.text': 'SELECT 1',
  'db.user': 'shop',
  'network.peer.address': '10.0.0.7',
  'app.order': 1,
};

function narrowingOf(attributes: object, kind: SpanParts['kind'] = 'CLIENT'): SpecializedTemplate {
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

/** How many values are written, and what is written with them. */
function filled(narrowing: SpecializedTemplate, attributes: Record<string, unknown>) {
  const template = narrowing.match(attributes);
  if (template === undefined) return undefined;
  const sink = new ByteWriter(8);
  writeFilled(sink, template);
  return {
    values: template.values.length,
    text: sink.bytes.toString('utf8', 0, sink.length),
  };
}

const textOf = (attributes: object) => filled(narrowingOf(attributes), { ...attributes })?.text;

/** Fills so many in, each another order. */
function fillMany(narrowing: SpecializedTemplate, count: number, attributes: object = QUERY): void {
  for (let order = 0; order < count; order += 1) {
    filled(narrowing, { ...attributes, 'app.order': order + 2 });
  }
}

test('what stayed the same for a while is written with the rest', () => {
  const narrowing = narrowingOf(QUERY);
  fillMany(narrowing, 15);
  expect(filled(narrowing, QUERY)?.values).toBe(3);
  const next = { ...QUERY, 'app.order': 99 };
  expect(filled(narrowing, next)).toEqual({ values: 1, text: textOf(next) });
});

test('where nothing changes, nothing is left to fill in', () => {
  const narrowing = narrowingOf(QUERY);
  for (let time = 0; time < 16; time += 1) filled(narrowing, QUERY);
  expect(filled(narrowing, QUERY)).toEqual({ values: 0, text: textOf(QUERY) });
});

test('another value is written, and soon never expected again', () => {
  const narrowing = narrowingOf(QUERY);
  fillMany(narrowing, 16);
  const other = { ...QUERY, 'db.user': 'stock' };
  expect(filled(narrowing, other)).toEqual({ values: 3, text: textOf(other) });
  fillMany(narrowing, 15, other);
  expect(filled(narrowing, other)).toEqual({ values: 2, text: textOf(other) });
  expect(filled(narrowing, QUERY)).toEqual({ values: 2, text: textOf(QUERY) });
});

test('what always changes stays to be filled in', () => {
  const attributes = { 'app.order': 1 };
  const narrowing = narrowingOf(attributes);
  fillMany(narrowing, 40, attributes);
  expect(filled(narrowing, attributes)).toEqual({ values: 1, text: textOf(attributes) });
});

test('what is shown together is written with the rest only while none of it changes', () => {
  const served = (path: string, query: string) => ({
    'server.address': 'shop.example.com',
    'url.path': path,
    'url.query': query,
  });
  const narrowing = narrowingOf(served('/a', 'q=1'), 'SERVER');
  for (let time = 0; time < 16; time += 1) filled(narrowing, served('/a', 'q=1'));
  expect(filled(narrowing, served('/a', 'q=1'))?.values).toBe(0);
  const said = ['q=2', 'q=1', 'q=3'].map((query) => filled(narrowing, served('/a', query))?.text);
  expect(said.map((text) => /shop\.example\.com([^"]*)/.exec(text ?? '')?.[1])).toEqual([
    '/a?q=2',
    '/a?q=1',
    '/a?q=3',
  ]);
  for (let time = 0; time < 16; time += 1) filled(narrowing, served('/a', 'q=2'));
  expect(filled(narrowing, served('/a', 'q=2'))?.values).toBe(1);
});

test('what fits no template fits none that was narrowed', () => {
  const narrowing = narrowingOf(QUERY);
  fillMany(narrowing, 16);
  expect(narrowing.match({ ...QUERY, 'db.query.text': 'SELECT 2' })).toBeUndefined();
  expect(narrowing.match({ ...QUERY, 'db.user': 7 })).toBeUndefined();
  expect(narrowing.match({ ...QUERY, more: 1 })).toBeUndefined();
});

test('a list is compared as it was when it was learned', () => {
  const list = ['a'];
  const narrowing = narrowingOf({ list });
  for (let time = 0; time < 16; time += 1) filled(narrowing, { list: ['a'] });
  list.push('b');
  expect(filled(narrowing, { list })).toEqual({ values: 1, text: textOf({ list }) });
});
