import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { root } from '../scripts/staleness.mjs';
import {
  copyAttributeValue,
  isAttributeValue,
  type SpanState,
  sanitizeAttributes,
  setAtOnce,
  usableCount,
} from '../src/attribute-values.ts';
import { run } from './support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'otel-xray-values-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const circular: Record<string, unknown> = { a: 1 };
circular['self'] = circular;
const unreadable = new Proxy(
  {},
  {
    ownKeys() {
      throw new Error('no keys');
    },
  },
);

test.for<{ rule: string; value: unknown; copy: unknown }>([
  { rule: 'a string', value: 'a', copy: 'a' },
  { rule: 'a number that JSON cannot express', value: Number.NaN, copy: Number.NaN },
  { rule: 'null', value: null, copy: null },
  { rule: 'a list of one type', value: [1, 2], copy: [1, 2] },
  {
    rule: 'a list of mixed values',
    value: [1, 'a', null, { b: 2 }],
    copy: [1, 'a', null, { b: 2 }],
  },
  { rule: 'bytes', value: Buffer.from('hi'), copy: new Uint8Array([104, 105]) },
  { rule: 'a map with bytes in it', value: { a: new Uint8Array([1]) }, copy: { a: 'AQ==' } },
  { rule: 'a date', value: new Date(0), copy: '1970-01-01T00:00:00.000Z' },
  { rule: 'a big integer', value: 2n ** 60n, copy: '1152921504606846976' },
  { rule: 'a cycle', value: circular, copy: { a: 1, self: '[Circular]' } },
  { rule: 'an object that throws', value: unreadable, copy: '[Unreadable]' },
])('copies $rule', ({ value, copy }) => {
  expect(isAttributeValue(value)).toBe(true);
  expect(copyAttributeValue(value)).toEqual(copy);
});

test('functions and symbols are not attribute values', () => {
  const attributes = { f: () => 1, s: Symbol('s'), '': 1, ok: true };
  expect(sanitizeAttributes(attributes)).toEqual({ ok: true });
});

test('copies the same attributes as a whole and one by one', () => {
  const scalar = fc.oneof(fc.string(), fc.double(), fc.boolean());
  const list = fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean()));
  const value = fc.oneof(scalar, list, fc.constantFrom(null, undefined));
  const key = fc.oneof(fc.constantFrom('', '__proto__', 'toString', '1'), fc.string());
  fc.assert(
    fc.property(fc.dictionary(key, value), (attributes) => {
      const expected = Object.entries(attributes).filter(
        ([name, each]) => name !== '' && each !== undefined,
      );
      // With an invalid value, they are copied one by one.
      const oneByOne = sanitizeAttributes({ ...attributes, 'an invalid value': () => 1 });
      expect(Object.entries(oneByOne)).toEqual(expected);
      expect(Object.entries(sanitizeAttributes(attributes))).toEqual(expected);
    }),
  );
});

test('attributes without a value do not affect the others', () => {
  const copy = sanitizeAttributes({ 'db.namespace': undefined, 'server.port': 3306 });
  expect(Object.keys(copy)).toEqual(['server.port']);
  expect(usableCount(copy, 2, Number.POSITIVE_INFINITY)).toBe(1);
});

test('inherited attributes are not copied', () => {
  expect(sanitizeAttributes(Object.assign(Object.create({ inherited: 1 }), { own: 2 }))).toEqual({
    own: 2,
  });
});

test.for([
  { rule: 'as many as allowed', attributes: { a: 1, b: 'x' }, count: 2 },
  { rule: 'none', attributes: {}, count: 0 },
  { rule: 'too many', attributes: { a: 1, b: 2, c: 3 }, count: undefined },
  { rule: 'one without a value', attributes: { a: undefined }, count: undefined },
])('usable attributes: $rule', ({ attributes, count }) => {
  expect(usableCount(attributes, 2, Number.POSITIVE_INFINITY)).toBe(count);
  expect(usableCount(attributes, 2, 10)).toBeUndefined();
});

function spanWith(state: Partial<SpanState>): SpanState {
  return {
    attributes: {},
    _attributesCount: 0,
    _ended: false,
    _spanLimits: { attributeCountLimit: 2 },
    _attributeValueLengthLimit: Number.POSITIVE_INFINITY,
    ...state,
  };
}

test.for<{ rule: string; state?: Partial<SpanState>; given: unknown; isSet: boolean }>([
  { rule: 'the first attributes', given: { a: 1, b: [2] }, isSet: true },
  { rule: 'no attributes', given: {}, isSet: true },
  { rule: 'later attributes', state: { _attributesCount: 1 }, given: { a: 1 }, isSet: false },
  { rule: 'after a processor', state: { attributes: { x: 1 } }, given: { a: 1 }, isSet: false },
  { rule: 'after the end', state: { _ended: true }, given: { a: 1 }, isSet: false },
  { rule: 'too many', given: { a: 1, b: 2, c: 3 }, isSet: false },
  {
    rule: 'with a limit of length',
    state: { _attributeValueLengthLimit: 9 },
    given: { a: 1 },
    isSet: false,
  },
  { rule: 'an invalid value', given: { a: () => 1 }, isSet: false },
  { rule: 'no object', given: 'a', isSet: false },
  { rule: 'null', given: null, isSet: false },
])('sets at once, or not at all: $rule', ({ state = {}, given, isSet }) => {
  const span = spanWith(state);
  const before = { ...span, attributes: { ...span.attributes } };
  expect(setAtOnce(span, given)).toBe(isSet);
  const after = {
    attributes: { ...Object(given) },
    _attributesCount: Object.keys(Object(given)).length,
  };
  expect(span).toEqual(isSet ? { ...before, ...after } : before);
});

test('a copy for a span does not change when the app changes the object', () => {
  const given: Record<string, unknown> = { a: 1, b: [2] };
  const span = spanWith({});
  setAtOnce(span, given);
  given['a'] = 3;
  (given['b'] as number[]).push(4);
  expect(span.attributes).toEqual({ a: 1, b: [2] });
});

test('a copy does not change with the object of the app, and never throws', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withTypedArray: true, withDate: true }),
      (value) => {
        const copy = copyAttributeValue(value);
        expect(typeof copy === 'object' && copy !== null && copy === value).toBe(false);
      },
    ),
  );
});

test('the compiled-in SDK keeps the values of API 1.10 as metadata, without a warning', async () => {
  const file = join(folder, 'app.cjs');
  writeFileSync(
    file,
    `const { trace } = require(${JSON.stringify(join(root, 'node_modules/@opentelemetry/api'))});
const map = { user: { id: 7, tags: ['a', 1, null] } };
const span = trace.getTracer('app').startSpan('job', { attributes: { map, bytes: new Uint8Array([1, 2, 3]) } });
map.user.id = 8;
span.setAttribute('late', map).setAttribute('mixed', [1, 'a', true]).setAttribute('empty', null);
map.user.id = 9;
span.setAttributes({ text: 'a', list: ['a', 'b'] });
span.addEvent('sent', { to: { host: 'b' } });
span.end();`,
  );
  const end = await run(['--require', join(root, 'dist/register.cjs'), file], {
    env: {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:9',
      OTEL_LOG_LEVEL: 'error',
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_XRAY_DUMP: 'stdout',
      OTEL_XRAY_RESOURCE_METADATA: 'none',
    },
  });
  expect(end).toMatchObject({ code: 0, stderr: '' });
  const { metadata } = JSON.parse(end.stdout) as { metadata: Record<string, unknown> };
  expect(metadata).toEqual({
    default: {
      map: { user: { id: 7, tags: ['a', 1, null] } },
      bytes: 'AQID',
      late: { user: { id: 8, tags: ['a', 1, null] } },
      mixed: [1, 'a', true],
      empty: null,
      text: 'a',
      list: ['a', 'b'],
    },
    events: {
      events: [{ name: 'sent', time: expect.any(Number), attributes: { to: { host: 'b' } } }],
    },
  });
});

test.for([
  {
    rule: 'keeps all that it gets',
    limits: {},
    attributes: { a: 'long', b: 1, c: [1] },
    dropped: 0,
  },
  {
    rule: 'drops those beyond the limit',
    limits: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2' },
    attributes: { a: 'long', b: 1 },
    dropped: 2,
  },
  {
    rule: 'truncates long values',
    limits: { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '2' },
    attributes: { a: 'lo', b: 1, c: [1] },
    dropped: 0,
  },
])('a new span of the compiled-in SDK $rule', async ({ limits, attributes, dropped }) => {
  const file = join(folder, 'limits.cjs');
  writeFileSync(
    file,
    `const { trace } = require(${JSON.stringify(join(root, 'node_modules/@opentelemetry/api'))});
const done = async () => {};
const onStart = (span) => console.log(JSON.stringify([span.attributes, span.droppedAttributesCount]));
require(${JSON.stringify(join(root, 'dist/index.cjs'))}).start({
  spanProcessors: [{ onStart, onEnd() {}, forceFlush: done, shutdown: done }],
});
const list = [1];
const given = { a: 'long', none: undefined, b: 1, c: list };
const span = trace.getTracer('app').startSpan('job', { attributes: given });
list.push(2);
given.a = 'changed';
span.setAttribute('d', 2);
onStart(span);`,
  );
  const end = await run([file], {
    env: { OTEL_LOG_LEVEL: 'none', OTEL_TRACES_SAMPLER: 'always_on', ...limits },
  });
  const [started, later] = end.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const isFull = 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT' in limits;
  expect(started).toEqual([attributes, isFull ? dropped - 1 : dropped]);
  expect(later).toEqual([isFull ? attributes : { ...attributes, d: 2 }, dropped]);
});
