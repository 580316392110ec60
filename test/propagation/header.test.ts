import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTraceHeader, parseTraceHeader } from '../../src/propagation/header.ts';
import { CASES } from '../support/sampling-cases.ts';

describe('cases of the specification', () => {
  test.for(CASES.headers)('$id: $value', ({ value, expected }) => {
    const header = parseTraceHeader(value);
    expect(
      header && {
        traceId: header.traceId,
        parentId: header.parentId ?? null,
        sampled: header.sampled ?? null,
        deferred: header.sampled === undefined,
        rootOnly: header.parentId === undefined,
        lineage: header.lineage ?? null,
        data: Object.fromEntries(header.data),
      },
    ).toEqual(
      expected === null ? undefined : { lineage: null, data: DATA[value] ?? {}, ...expected },
    );
  });
});

const START = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
/** Application data of those cases that do not list it. */
const DATA: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [`${START};Rooted=foo`]: { Rooted: 'foo' },
  [`${START};ParentName=abc;SampledBy=me`]: { ParentName: 'abc', SampledBy: 'me' },
};

test.for([
  {
    rule: 'accepts the older lineage unchanged',
    value: `${START};Lineage=a87bd80c:0|68fd508a:5`,
    lineage: 'a87bd80c:0|68fd508a:5',
  },
  {
    rule: 'accepts the current lineage within its limits',
    value: `${START};Lineage=32767:a87bd80c:255`,
    lineage: '32767:a87bd80c:255',
  },
  {
    rule: 'rejects a third number above 255',
    value: `${START};Lineage=1:a87bd80c:256`,
    lineage: undefined,
  },
  {
    rule: 'rejects a lineage longer than a header',
    value: `${START};Lineage=a:1${'|a:1'.repeat(80)}`,
    lineage: undefined,
  },
  {
    rule: 'rejects any other form',
    value: `${START};Lineage=<script>`,
    lineage: undefined,
  },
])('lineage: $rule', ({ value, lineage }) => {
  expect(parseTraceHeader(value)?.lineage).toBe(lineage);
});

test('Sampled=? differs from a missing decision', () => {
  const wantsDecision = (sampled: string) =>
    parseTraceHeader(START.replace('Sampled=1', sampled))?.wantsDecision;
  expect([wantsDecision('Sampled=?'), wantsDecision('Sampled=1'), wantsDecision('x=1')]).toEqual([
    true,
    false,
    false,
  ]);
});

test.for([
  { rule: 'control characters', part: 'k=a\r\nSet-Cookie: x' },
  { rule: 'characters beyond ASCII', part: 'k=é' },
  { rule: 'a value with an equals sign', part: 'k=a=b' },
  { rule: 'a blank inside', part: 'k k=a' },
  { rule: 'no value', part: 'k=' },
])('application data that could not be sent on is left out: $rule', ({ part }) => {
  expect(parseTraceHeader(`${START};${part}`)?.data).toEqual([]);
});

test('a header longer than 4 KB is ignored', () => {
  expect(parseTraceHeader(`${START};k=${'x'.repeat(4_096)}`)).toBeUndefined();
});

const token = fc.stringMatching(/^[A-Za-z0-9_.-]{10,40}$/);
const headers = fc.record({
  traceId: fc.stringMatching(/^[1-9a-f][0-9a-f]{31}$/),
  parentId: fc.option(fc.stringMatching(/^[1-9a-f][0-9a-f]{15}$/), { nil: undefined }),
  sampled: fc.constantFrom('0' as const, '1' as const, '?' as const, undefined),
  lineage: fc.constantFrom(undefined, '1:a87bd80c:0', 'a87bd80c:1|b:2'),
  data: fc.array(
    fc.tuple(
      token.filter((key) => !/^(root|parent|sampled|self|lineage)$/i.test(key)),
      token,
    ),
    { maxLength: 8 },
  ),
});

test('formatted headers parse back, have at most 256 characters and only whole parts', () => {
  fc.assert(
    fc.property(headers, (parts) => {
      const text = formatTraceHeader(parts);
      expect(text.length).toBeLessThanOrEqual(256);
      const read = parseTraceHeader(text);
      expect(read).toMatchObject({ traceId: parts.traceId, lineage: parts.lineage });
      expect(read?.parentId).toBe(parts.parentId);
      expect(read?.wantsDecision).toBe(parts.sampled === '?');
      const kept = read?.data.map(([key, value]) => `${key}=${value}`) ?? [];
      const given = parts.data.map(([key, value]) => `${key}=${value}`);
      expect(given).toEqual(expect.arrayContaining(kept));
      const missing = given.length - kept.length;
      expect(missing === 0 || text.length > 256 - 82).toBe(true);
    }),
  );
});

test('the form that AWS services write is read like any other form', () => {
  const digit = fc.constantFrom('0', '0', '0', '1', 'a', 'f', 'A', 'g', '-');
  const digits = (length: number) =>
    fc.string({ unit: digit, minLength: length, maxLength: length });
  const root = fc
    .tuple(
      fc.constantFrom('5759e988', '00000000', '0000000a', '5759E988', '5759e98'),
      fc.oneof(fc.constantFrom('0'.repeat(24), 'bd862e3fe1be46a994272793'), digits(24)),
    )
    .map(([epoch, rest]) => `Root=1-${epoch}-${rest}`);
  const withParent = fc
    .tuple(
      root,
      fc.oneof(fc.constantFrom('0'.repeat(16), '53995c3f42cd8ad8'), digits(16)),
      fc.constantFrom('0', '1', '?', 'true'),
      fc.constantFrom('', ';Lineage=1:a87bd80c:0', ';Lineage=1:a87bd80c:256', ';Lineage=', ';k=v'),
    )
    .map(
      ([begin, parent, decision, more]) => `${begin};Parent=${parent};Sampled=${decision}${more}`,
    );
  fc.assert(
    // An empty part at the end changes the form, but not the meaning.
    fc.property(fc.oneof(root, withParent), (text) => {
      expect(parseTraceHeader(text)).toEqual(parseTraceHeader(`${text};`));
    }),
    { numRuns: 500 },
  );
});

test('parsing any text never throws and never yields an id that W3C forbids', () => {
  const parts = fc.constantFrom(
    'Root',
    '=',
    '1-',
    '5759e988',
    '-bd862e3fe1be46a994272793',
    ';',
    'Parent',
    'Sampled',
    '?',
    '"',
    ' ',
    '\0',
    'Self',
    '🙂',
    '0',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(parts, { maxLength: 40 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const header = parseTraceHeader(text);
      expect(header === undefined || /^(?!0+$)[0-9a-f]{32}$/.test(header.traceId)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
