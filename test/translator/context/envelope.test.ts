import { expect, test } from 'vitest';
import type { TranslatorOptions } from '../../../src/translator/context/options.ts';
import { toDocuments } from '../../../src/translator/index.ts';
import type { TranslatableSpan } from '../../../src/translator/span.ts';
import { PARENT_ID, type SpanParts, span } from '../../support/span.ts';
import { child, oneDocument, translated } from '../../support/translated.ts';

test.for([
  { rule: 'nanoseconds are rounded to microseconds', time: [1, 1_499], seconds: 1.000001 },
  { rule: 'half a microsecond is rounded up', time: [1, 1_500], seconds: 1.000002 },
  { rule: 'at most six decimals', time: [1478293361, 271_234_567], seconds: 1478293361.271235 },
  { rule: 'rounding may carry over to the seconds', time: [1, 999_999_999], seconds: 2 },
] as const)('time: $rule', ({ time, seconds }) => {
  const { start_time, end_time } = oneDocument({ start: time, end: time });
  expect({ start_time, end_time }).toEqual({ start_time: seconds, end_time: seconds });
});

test.for([
  { rule: 'an end before the start becomes the start (B-06)', end: [4, 0], seconds: 5 },
  { rule: 'an end that is not a number becomes the start', end: [Number.NaN, 0], seconds: 5 },
  { rule: 'an end of zero, as in an unfinished span, becomes the start', end: [0, 0], seconds: 5 },
] as const)('time: $rule', ({ end, seconds }) => {
  expect(oneDocument({ start: [5, 0], end }).end_time).toBe(seconds);
});

test.for([
  { value: true, fields: { in_progress: true, end_time: undefined, metadata: undefined } },
  {
    value: false,
    fields: { in_progress: undefined, end_time: 1478293361.449, metadata: undefined },
  },
  {
    value: 'true',
    fields: {
      in_progress: undefined,
      end_time: 1478293361.449,
      metadata: { default: { 'aws.xray.inprogress': 'true' } },
    },
  },
])('in progress: $value (R1.6)', ({ value, fields }) => {
  const { in_progress, end_time, metadata } = oneDocument({
    attributes: { 'aws.xray.inprogress': value },
  });
  expect({ in_progress, end_time, metadata }).toEqual(fields);
});

test('ids are converted to lower case', () => {
  const { id, trace_id, parent_id } = oneDocument({
    id: 'ABCDEF0123456789',
    traceId: '581CF771A006649127E371903A2DE979',
    parent: 'AAAAAAAAAAAAAAAA',
    remoteParent: true,
  });
  expect([id, trace_id, parent_id]).toEqual([
    'abcdef0123456789',
    '1-581cf771-a006649127e371903a2de979',
    'aaaaaaaaaaaaaaaa',
  ]);
});

const BROKEN: readonly { readonly parts: SpanParts; readonly reason: string }[] = [
  { parts: { traceId: '0'.repeat(32) }, reason: 'no valid trace id' },
  { parts: { traceId: 'xyz' }, reason: 'no valid trace id' },
  { parts: { traceId: `${'a'.repeat(31)}g` }, reason: 'no valid trace id' },
  { parts: { id: '0'.repeat(16) }, reason: 'no valid span id' },
  { parts: { id: '' }, reason: 'no valid span id' },
  { parts: { start: [0, 0] }, reason: 'no valid start time' },
  { parts: { start: [-5, 0] }, reason: 'no valid start time' },
  { parts: { start: [Number.NaN, 0] }, reason: 'no valid start time' },
  { parts: { start: [1e12, 0] }, reason: 'no valid start time' },
];

test.for(BROKEN)('a span with $reason is dropped and reported to onDrop', ({ parts, reason }) => {
  const reasons: string[] = [];
  expect(toDocuments(span(parts), { onDrop: (why) => reasons.push(why) })).toEqual([]);
  expect(reasons).toEqual([reason]);
});

test('a span whose getters throw is dropped without affecting the next one', () => {
  const reasons: string[] = [];
  const options: TranslatorOptions = {
    onWarning: () => {},
    onDrop: (why) => {
      reasons.push(why);
      throw new Error('from onDrop');
    },
  };
  const attributes = Object.defineProperty({ 'http.request.method': 'PUT' }, 'bad', {
    enumerable: true,
    get: () => {
      throw new Error('from a getter');
    },
  });
  const hostile: TranslatableSpan = { ...span(), attributes };
  expect(toDocuments(hostile, options)).toEqual([]);
  expect(reasons).toEqual(['the span could not be read']);
  expect(toDocuments(span(), options)[0]?.http).toBeUndefined();
});

test('the parent of a span of SDK 1.x counts as local', () => {
  const { parentSpanContext: _, ...rest } = span({ kind: 'INTERNAL' });
  const old: TranslatableSpan = { ...rest, parentSpanId: PARENT_ID };
  const [document] = toDocuments(old, {});
  expect([document?.type, document?.parent_id]).toEqual(['subsegment', PARENT_ID]);
});

test('a generated parent is omitted, and the span is a local root', () => {
  const parts: SpanParts = { kind: 'INTERNAL', parent: PARENT_ID, remoteParent: true };
  const document = oneDocument(parts, { isRootOnly: ({ spanId }) => spanId === PARENT_ID });
  expect([document.type, document.parent_id, document.name]).toEqual([
    undefined,
    undefined,
    'checkout',
  ]);
});

test('keys have the order that the daemon needs: ids before fields that may contain other ids (B-12)', () => {
  const [document] = toDocuments(
    span({
      parent: PARENT_ID,
      links: [{ context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } }],
      attributes: { 'http.request.method': 'GET', a: 1 },
    }),
    {},
  );
  expect(Object.keys(document ?? {})).toEqual(
    'name id trace_id parent_id type namespace start_time end_time in_progress error fault throttle traced http aws sql cause user origin resource_arn service annotations metadata links'.split(
      ' ',
    ),
  );
});

const NOW = 1_800_000_000;
const traceOf = (seconds: number): string => seconds.toString(16) + 'a'.repeat(24);

test.for([
  { rule: 'is the current time', seconds: NOW, timely: true },
  { rule: 'is 28 days old', seconds: NOW - 2_419_200, timely: true },
  { rule: 'is more than 28 days old', seconds: NOW - 2_419_201, timely: false },
  { rule: 'is 5 minutes ahead', seconds: NOW + 300, timely: true },
  { rule: 'is more than 5 minutes ahead', seconds: NOW + 301, timely: false },
])('a trace id whose time $rule (B-05)', ({ seconds, timely }) => {
  const warnings: string[] = [];
  const reasons: string[] = [];
  const base = { nowSeconds: () => NOW, onWarning: (text: string) => warnings.push(text) };
  const parts: SpanParts = { traceId: traceOf(seconds) };
  const options = { ...base, onDrop: () => {} };
  const sent = toDocuments(span(parts), options).length + toDocuments(span(parts), options).length;
  expect([sent, warnings.length]).toEqual([2, timely ? 0 : 1]);
  const strict = { ...base, validateTraceIdTime: true, onDrop: (why: string) => reasons.push(why) };
  expect(toDocuments(span(parts), strict)).toHaveLength(timely ? 1 : 0);
  expect(reasons).toEqual(timely ? [] : ['trace id too old or in the future']);
});

test('a link that is too old is omitted and recorded as truncated', () => {
  const links = [traceOf(NOW), traceOf(1)].map((traceId) => ({
    context: { traceId: traceId.padStart(32, '0'), spanId: 'b'.repeat(16) },
  }));
  const document = oneDocument(
    { traceId: traceOf(NOW), links },
    { nowSeconds: () => NOW, validateTraceIdTime: true },
  );
  expect(document.links?.map((link) => link.trace_id)).toEqual([`1-6b49d200-${'a'.repeat(24)}`]);
  expect(document.metadata).toEqual({ default: { 'xray.truncated': ['links'] } });
});

test('links: invalid ones are skipped, 100 are kept, attributes are unchanged', () => {
  const good = {
    context: { traceId: 'A'.repeat(32), spanId: 'b'.repeat(16) },
    attributes: { n: 1, list: ['x'] },
  };
  const bad = { context: { traceId: '', spanId: 'b'.repeat(16) } };
  const { links, metadata } = oneDocument({
    links: [bad, ...Array.from({ length: 101 }, () => good)],
  });
  expect(links).toHaveLength(100);
  expect(links?.[0]).toEqual({
    trace_id: `1-${'a'.repeat(8)}-${'a'.repeat(24)}`,
    id: 'b'.repeat(16),
    attributes: { n: 1, list: ['x'] },
  });
  expect(metadata).toEqual({ default: { 'xray.truncated': ['links'] } });
});

test('user: user.id before enduser.id; numbers become strings; objects are skipped', () => {
  const user = (attributes: Record<string, unknown>): unknown => {
    const document = oneDocument({ attributes });
    return [document.user, document.metadata?.['default']];
  };
  expect(user({ 'user.id': 'a', 'enduser.id': 'b' })).toEqual(['a', { 'enduser.id': 'b' }]);
  expect(user({ 'user.id': 'a', 'enduser.id': 'a' })).toEqual(['a', undefined]);
  expect(user({ 'enduser.id': 42 })).toEqual(['42', undefined]);
  expect(user({ 'user.id': { x: 1 }, 'enduser.id': 'b' })).toEqual(['b', { 'user.id': { x: 1 } }]);
  expect(user({ 'user.id': ' ' })).toEqual([undefined, { 'user.id': ' ' }]);
  expect(user({ 'user.id': 'x'.repeat(300) })).toEqual([
    'x'.repeat(250),
    { 'xray.truncated': ['user'] },
  ]);
});

test('traced: by attribute, or by option for HTTP calls with a response (B-23)', () => {
  const answered = { 'http.request.method': 'GET', 'http.response.status_code': 200 };
  const traced = (attributes: Record<string, unknown>, options: TranslatorOptions = {}): unknown =>
    translated(child({ attributes }), options)[0]?.traced;
  expect(traced(answered)).toBeUndefined();
  expect(traced(answered, { downstreamTraced: true })).toBe(true);
  expect(traced({ 'http.request.method': 'GET' }, { downstreamTraced: true })).toBeUndefined();
  expect(
    traced({ ...answered, 'rpc.system': 'aws-api' }, { downstreamTraced: true }),
  ).toBeUndefined();
  expect(traced({ 'aws.xray.traced': true })).toBe(true);
  expect(oneDocument({ attributes: { 'aws.xray.traced': true } }).traced).toBeUndefined();
});
