import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/exporter/encode/byte-writer.ts';
import { writeJson, writeMicros } from '../../../src/exporter/encode/json.ts';

function written(value: unknown): string {
  // Small, to test that the buffer grows.
  const sink = new ByteWriter(8);
  writeJson(sink, value);
  return sink.bytes.toString('utf8', 0, sink.length);
}

/** Returns the output of `JSON.stringify` as the bytes that would be sent. */
function expected(value: unknown): string {
  return Buffer.from(JSON.stringify(value) ?? 'null').toString('utf8');
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  // Lone surrogates, quotes, backslashes and control characters, short and long.
  fc.string({
    unit: fc.constantFrom('\ud800', '\udfff', '"', '\\', '\n', '\u0000', '\u2028', 'é', 'a', '𝄞'),
  }),
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', '~', '\u007f'), minLength: 40, maxLength: 60 }),
);
const epochSeconds = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([seconds, micros]) => seconds + micros / 1e6);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  epochSeconds,
  fc.double({ min: 2 ** 30, max: 2 ** 32, noNaN: true }),
  fc.constantFrom(0, -0, 1e9, 1e21, 1e-7, 999_999_999, 2 ** 30, 2 ** 32, Number.MAX_VALUE),
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.constantFrom(new Date(0), Symbol('s'), () => 1, new Number(3), /x/, new Map([[1, 2]])),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: false }),
  ),
}));

test('writes the same bytes as JSON.stringify for any value', () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(written(value)).toBe(expected(value));
    }),
    { numRuns: 2_000 },
  );
});

test('a time is written with the digits of JSON.stringify', () => {
  fc.assert(
    fc.property(
      fc.oneof(epochSeconds, fc.double({ min: 2 ** 29, max: 2 ** 33, noNaN: true })),
      (time) => {
        expect(written(time)).toBe(JSON.stringify(time));
      },
    ),
    { numRuns: 20_000 },
  );
});

test('microseconds are written with the digits of their seconds', () => {
  const whole = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => seconds * 1e6 + micros);
  const odd = fc.double({ min: 0, max: 2 ** 33 * 1e6, noNaN: true });
  const edges = fc.constantFrom(2 ** 30 * 1e6 - 1, 2 ** 30 * 1e6, 2 ** 32 * 1e6 - 1, 2 ** 32 * 1e6);
  fc.assert(
    fc.property(fc.oneof(whole, odd, edges), (micros) => {
      const sink = new ByteWriter(8);
      writeMicros(sink, micros);
      expect(sink.bytes.toString('utf8', 0, sink.length)).toBe(JSON.stringify(micros / 1e6));
    }),
    { numRuns: 20_000 },
  );
});

test.for([
  { rule: 'toJSON is called if it is a function', value: { toJSON: () => 'me', x: 1 } },
  { rule: 'a toJSON that is not a function is an ordinary field', value: { toJSON: 'me', x: 1 } },
  { rule: 'holes in an array are null', value: new Array(3) },
  { rule: 'inherited fields are omitted', value: Object.create({ inherited: 1 }) },
  {
    rule: 'only own fields of a class instance are written',
    value: new (class {
      a = 1;
      get b() {
        return 2;
      }
    })(),
  },
])('json: $rule', ({ value }) => {
  expect(written(value)).toBe(JSON.stringify(value));
});

test('json: fields of a polluted Object.prototype are omitted', () => {
  const polluted = Object.prototype as { polluted?: number };
  polluted.polluted = 1;
  const text = written({ a: [{}] });
  delete polluted.polluted;
  expect(text).toBe('{"a":[{}]}');
});

test('json: a bigint and a cycle throw, as in JSON.stringify', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => written({ a: 1n })).toThrow(TypeError);
  expect(() => written(circle)).toThrow(RangeError);
});
