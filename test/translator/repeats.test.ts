import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toDocuments, toDrafts } from '../../src/translator/index.ts';
import type { TranslatorOptions } from '../../src/translator/options.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';
import { anySpan, attributeValue } from '../support/arbitrary-span.ts';
import { PARENT_ID, type SpanParts, span } from '../support/span.ts';

const query = (parts: SpanParts = {}) =>
  span({
    name: 'query',
    kind: 'CLIENT',
    parent: PARENT_ID,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1' },
    ...parts,
  });

/** Translates in order with one memory; says of the last whether an earlier one was alike. */
function lastIsAlike(spans: readonly TranslatableSpan[], options: TranslatorOptions = {}) {
  return spans.map((each) => toDrafts(each, options)[0]?.alike !== undefined).at(-1);
}

/** As often as it takes to be remembered. */
const twice = (each: TranslatableSpan) => [each, each];
const same = { 'service.name': 'checkout' };
const resource = { resource: same };

test('the same again, later and elsewhere, is known; its document has its own ids and times', () => {
  const options = {};
  for (const each of twice(query())) toDrafts(each, options);
  const later: SpanParts = {
    id: 'aaaaaaaaaaaaaaaa',
    parent: 'bbbbbbbbbbbbbbbb',
    traceId: 'c'.repeat(32),
    start: [1478293362, 0],
    end: [1478293363, 0],
  };
  // Resources are told apart by identity.
  const shared = query().resource;
  const spans = [query(), query(), query(later)].map((each) => ({ ...each, resource: shared }));
  expect(lastIsAlike(spans, options)).toBe(true);
  const [draft] = toDrafts({ ...query(later), resource: shared }, options);
  expect(draft?.document).toEqual(toDocuments(query(later), {})[0]);
});

const other = (parts: SpanParts) => ({ ...query(parts), resource: OF_ALL });
const OF_ALL = query(resource).resource;

test.for<{ differs: string; span: TranslatableSpan }>([
  { differs: 'its kind', span: other({ kind: 'INTERNAL' }) },
  { differs: 'its status', span: other({ status: { code: 1 } }) },
  {
    differs: 'an attribute',
    span: other({ attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 2' } }),
  },
  { differs: 'one less', span: other({ attributes: { 'db.system.name': 'postgresql' } }) },
  {
    differs: 'one more',
    span: other({
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1', more: 1 },
    }),
  },
  { differs: 'its parent, which is elsewhere', span: other({ remoteParent: true }) },
  { differs: 'its resource', span: query() },
])('a span that differs by $differs is translated', ({ span: different }) => {
  expect(lastIsAlike([...twice(other({})), different])).toBe(false);
});

test.for<{ has: string; parts: SpanParts }>([
  { has: 'a failure', parts: { status: { code: 2 } } },
  { has: 'an event', parts: { events: [{ name: 'e', time: [1, 0] }] } },
  {
    has: 'a link',
    parts: { links: [{ context: { traceId: 'c'.repeat(32), spanId: 'a'.repeat(16) } }] },
  },
  { has: 'a list, which may change', parts: { attributes: { list: ['a'] } } },
  { has: 'very long attributes', parts: { attributes: { text: 'x'.repeat(5_000) } } },
  { has: 'not ended', parts: { attributes: { 'aws.xray.inprogress': true } } },
])('a span that has $has is not remembered', ({ parts }) => {
  expect(lastIsAlike([...twice(other(parts)), other(parts)])).toBe(false);
});

test('a name that never says the same is no longer looked at', () => {
  const options = {};
  const numbered = (number: number) => other({ attributes: { number } });
  for (let number = 0; number < 40; number += 1) toDrafts(numbered(number), options);
  expect(lastIsAlike([...twice(numbered(1)), numbered(1)], options)).toBe(false);
});

test('what comes often stays, whatever comes between', () => {
  const options = {};
  for (const each of [...twice(other({})), other({})]) toDrafts(each, options);
  for (let number = 0; number < 40; number += 1) {
    toDrafts(other({ attributes: { number } }), options);
    expect(lastIsAlike([other({})], options)).toBe(true);
  }
});

test('many names do not stay', () => {
  const options = {};
  for (const each of [...twice(other({})), other({})]) toDrafts(each, options);
  for (let name = 0; name < 200; name += 1) toDrafts(other({ name: `name ${name}` }), options);
  expect(lastIsAlike([other({})], options)).toBe(false);
});

const child = anySpan.map((each) => ({
  ...each,
  parentSpanContext: { traceId: each.spanContext().traceId, spanId: PARENT_ID, isRemote: false },
}));

test('law: what was said before makes no difference', () => {
  const key = fc.constantFrom('http.request.method', 'url.full', 'db.system', 'aws.span.kind', 'x');
  fc.assert(
    fc.property(child, key, attributeValue, (each, name, value) => {
      const options: TranslatorOptions = {
        randomId: () => '00000000000000aa',
        nowSeconds: () => 0,
      };
      const near = { ...each, attributes: { ...each.attributes, [name]: value } };
      const failed = { ...each, status: { code: 2 } };
      for (const next of [each, each, each, near, failed, near, each, near]) {
        const alone = toDocuments(next, { ...options });
        expect(toDocuments(next, options)).toEqual(alone);
      }
    }),
    { numRuns: 2_000 },
  );
});
