import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilter } from '../../src/local/filter/parse.ts';
import {
  annotationIs,
  entityTest,
  fieldIs,
  nodeIs,
  withCondition,
  without,
} from '../../src/local/page/conditions.ts';
import type { Item } from '../../src/local/page/list/items.ts';
import { nextSort, sorted, sortOf, sortText } from '../../src/local/page/list/sort.ts';
import { criticalPath, slowestParts } from '../../src/local/page/trace/analysis.ts';
import { curlCommand } from '../../src/local/page/trace/curl.ts';
import { entitiesOf } from '../../src/local/page/trace/entities.ts';
import { timelineRows } from '../../src/local/page/trace/rows.ts';
import { entityMatches } from '../../src/local/page/trace/search.ts';
import type { Entity } from '../../src/local/trace/entity.ts';
import { callees, selfTime } from '../../src/local/trace/self-time.ts';
import { marketTrace } from './support/market.ts';

interface Part {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly parts?: readonly Part[];
}

let ids = 0;
function documentOf({ name, from, to, parts = [] }: Part): object {
  const id = (ids++).toString(16).padStart(16, '0');
  return { id, name, start_time: from, end_time: to, subsegments: parts.map(documentOf) };
}

function entityOf(part: Part): Entity {
  return entitiesOf([JSON.stringify(documentOf(part))])[0] as Entity;
}

test.for([
  { rule: 'all of a leaf', parts: [], seconds: 10 },
  { rule: 'without a child', parts: [{ name: 'a', from: 2, to: 5 }], seconds: 7 },
  {
    rule: 'overlapping children count once',
    parts: [
      { name: 'a', from: 2, to: 5 },
      { name: 'b', from: 3, to: 6 },
      { name: 'c', from: 3, to: 4 },
    ],
    seconds: 6,
  },
  { rule: 'a child that outlives it', parts: [{ name: 'a', from: 8, to: 15 }], seconds: 8 },
])('self time: $rule', ({ parts, seconds }) => {
  expect(selfTime(entityOf({ name: 'root', from: 0, to: 10, parts }))).toBe(seconds);
});

test.for([
  {
    rule: 'one after the other',
    parts: [
      { name: 'a', from: 1, to: 4 },
      { name: 'b', from: 5, to: 9 },
    ],
    path: {
      root: [
        [9, 10],
        [4, 5],
        [0, 1],
      ],
      b: [[5, 9]],
      a: [[1, 4]],
    },
  },
  {
    rule: 'of parallel calls the one that ends last',
    parts: [
      { name: 'a', from: 1, to: 4 },
      { name: 'b', from: 1, to: 9 },
    ],
    path: {
      root: [
        [9, 10],
        [0, 1],
      ],
      b: [[1, 9]],
    },
  },
  {
    rule: 'not what outlives its caller',
    parts: [
      { name: 'a', from: 1, to: 4 },
      { name: 'b', from: 2, to: 12 },
    ],
    path: {
      root: [
        [4, 10],
        [0, 1],
      ],
      a: [[1, 4]],
    },
  },
])('critical path: $rule', ({ parts, path }) => {
  const found = criticalPath(entityOf({ name: 'root', from: 0, to: 10, parts }));
  expect(
    Object.fromEntries(
      [...found].map(([{ name }, intervals]) => [name, intervals.map((i) => [i.start, i.end])]),
    ),
  ).toEqual(path);
});

/** A tree whose children lie inside their parents. */
const partOf = (from: number, to: number, depth: number): fc.Arbitrary<Part> =>
  fc
    .array(fc.tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to })), {
      maxLength: depth === 0 ? 0 : 4,
    })
    .chain((spans) =>
      fc
        .tuple(...spans.map(([a, b]) => partOf(Math.min(a, b), Math.max(a, b), depth - 1)))
        .map((parts): Part => ({ name: 'x', from, to, parts })),
    );

test('the critical path covers the root from start to end, each moment once', () => {
  fc.assert(
    fc.property(partOf(0, 1_000, 3), (part) => {
      const root = entityOf(part);
      const intervals = [...criticalPath(root).values()].flat().sort((a, b) => a.start - b.start);
      let until = root.start;
      for (const { start, end } of intervals) {
        expect(start).toBeCloseTo(until, 6);
        until = end;
      }
      expect(until).toBeCloseTo(root.end ?? -1, 6);
    }),
  );
});

test('many short calls of one name count as one slow part', () => {
  const documents = marketTrace({ number: 3, start: 1_763_600_000, redisCalls: 400 });
  const [root] = entitiesOf(documents.slice(0, 4).map((each) => JSON.stringify(each)));
  const [first] = slowestParts(criticalPath(root as Entity), 1);
  expect([first?.entity.name, first?.calls]).toEqual(['cache.local', 400]);
  expect(first?.seconds).toBeCloseTo(400 * 0.0016, 4);
});

test('self times of a trace without parallel calls add up to its length', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }), (lengths) => {
      let at = 0;
      const parts = lengths.map((length) => {
        const part = { name: 'x', from: at, to: at + length };
        at += length + 1;
        return part;
      });
      const root = entityOf({ name: 'root', from: 0, to: at + 1, parts });
      const all = [root, ...callees(root)].map((each) => selfTime(each) ?? 0);
      expect(all.reduce((a, b) => a + b, 0)).toBeCloseTo(at + 1, 6);
    }),
  );
});

test('repeated calls are one line with their count and sum, and can be opened', () => {
  const documents = marketTrace({ number: 3, start: 1_763_600_000, redisCalls: 40 });
  const tops = entitiesOf(documents.slice(0, 4).map((each) => JSON.stringify(each)));
  const folded = timelineRows(tops, new Set(), { groupRepeats: true });
  const group = folded.find((row) => row.group);
  expect(group?.entity.name).toBe('cache.local');
  expect(group?.group?.members).toHaveLength(40);
  expect(group?.group?.seconds).toBeCloseTo(40 * 0.0016, 6);
  const opened = timelineRows(tops, new Set(), {
    groupRepeats: true,
    opened: new Set([group?.key ?? '']),
  });
  expect(opened).toHaveLength(folded.length + 40);
  expect(timelineRows(tops, new Set())).toHaveLength(folded.length + 39);
});

test.for([
  { text: 'cache.LOCAL', found: Array(6).fill('cache.local') },
  { text: 'hget', found: Array(6).fill('cache.local') },
  { text: 'paymentdeclined', found: ['orders', 'payments'] },
  { text: 'http.route=/orders', found: ['web'] },
  { text: 'order-events', found: ['SQS'] },
  { text: '  ', found: [] },
  { text: 'no such text', found: [] },
])('a search for "$text" finds $found', ({ text, found }) => {
  const documents = marketTrace({ number: 8, start: 1_763_600_000 }).slice(0, 4);
  const rows = timelineRows(entitiesOf(documents.map((each) => JSON.stringify(each))), new Set());
  const names = rows.filter((row) => entityMatches(row.entity, text)).map((row) => row.entity.name);
  expect(names).toEqual(found);
});

test.for([
  [{ method: 'GET', url: 'https://a.example/x?y=1' }, "curl 'https://a.example/x?y=1'"],
  [{ method: 'post', url: 'http://a/x' }, 'curl --request POST http://a/x'],
  [{ method: 'HEAD', url: 'http://a/x' }, 'curl --head http://a/x'],
  [
    { url: "http://a/it's", user_agent: 'My "app"' },
    `curl --user-agent 'My "app"' 'http://a/it'\\''s'`,
  ],
  [{ method: 'GET; rm', url: 'http://a/' }, "curl --request 'GET; RM' http://a/"],
  [{ url: '/no/host' }, undefined],
  [{}, undefined],
] as const)('the request %j is copied as a curl command', ([request, command]) => {
  expect(curlCommand({ http: { request } })).toBe(command);
});

test('every condition of the page is a valid filter expression', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  fc.assert(
    fc.property(text, text, fc.double({ noNaN: true, noDefaultInfinity: true }), (a, b, number) => {
      const conditions = [
        annotationIs('some.key', a),
        annotationIs('some_key', number),
        annotationIs('some_key', true),
        fieldIs('http.url', a),
        fieldIs('http.status', 404),
        nodeIs({ name: a, type: b }),
        nodeIs({ name: a, type: undefined }),
      ];
      const all = conditions.reduce(withCondition, 'fault OR error');
      for (const each of [...conditions, ...conditions.map(without), all]) parseFilter(each);
    }),
  );
});

test.for([
  ['', 'fault', 'fault'],
  ['ok', 'fault', 'ok AND fault'],
  ['ok AND fault', 'fault', 'ok AND fault'],
  ['ok OR error', 'fault', '(ok OR error) AND fault'],
  ['user = "a OR b"', 'fault', 'user = "a OR b" AND fault'],
] as const)(
  'adding a condition to a filter: "%s" and "%s" make "%s"',
  ([filter, condition, result]) => {
    expect(withCondition(filter, condition)).toBe(result);
  },
);

test('a test of a part names the part, where the filter language can', () => {
  const tops = entitiesOf(
    marketTrace({ number: 3, start: 1 })
      .slice(0, 4)
      .map((each) => JSON.stringify(each)),
  );
  const rows = timelineRows(tops, new Set());
  const root = rows[0]?.entity;
  const found = (name: string, kind: Entity['kind']) =>
    rows.find(({ entity }) => entity.name === name && entity.kind === kind)?.entity as Entity;
  const tests = [
    root as Entity,
    found('payments', 'segment'),
    found('payments', 'subsegment'),
    found('warehouse@db.local', 'subsegment'),
    found('risk check', 'subsegment'),
  ].map((entity) => entityTest(entity, root, 'fault'));
  const node = (name: string, type = 'AWS::ECS::Fargate') => `id(name: "${name}", type: "${type}")`;
  expect(tests).toEqual([
    'fault',
    `service(${node('payments')}) { fault }`,
    `edge(${node('orders')}, ${node('payments')}) { fault }`,
    `edge(${node('stock')}, ${node('warehouse@db.local', 'Database::SQL')}) { fault }`,
    undefined,
  ]);
});

const ITEM: Item = {
  id: 'a',
  start: 3,
  status: 'ok',
  method: 'GET',
  url: 'http://h/b',
  command: '',
  code: 200,
  responseTime: 1,
  duration: 1,
  entry: 'web',
  others: [],
  tokens: 0,
  revision: 1,
};
const ITEMS: readonly Item[] = [
  ITEM,
  { ...ITEM, id: 'b', start: 2, status: 'fault', code: 500, responseTime: 3, url: 'http://h/a' },
  {
    ...ITEM,
    id: 'c',
    start: 1,
    status: 'error',
    code: 404,
    responseTime: undefined,
    duration: 2,
    tokens: 9,
  },
];

test.for([
  ['', 'abc'],
  ['time', 'cba'],
  ['-status', 'bca'],
  ['status', 'acb'],
  ['code', 'acb'],
  ['-responsetime', 'bca'],
  ['-tokens', 'cab'],
  ['request', 'bac'],
  ['constructor', 'abc'],
] as const)('sorted by %s: %s', ([text, order]) => {
  expect(
    sorted(ITEMS, sortOf(text))
      .map(({ id }) => id)
      .join(''),
  ).toBe(order);
});

test('a click sorts by a column, the next one the other way round', () => {
  const first = nextSort(sortOf(''), 'responsetime');
  expect(
    [first, nextSort(first, 'responsetime'), nextSort(first, 'request')].map(sortText),
  ).toEqual(['-responsetime', 'responsetime', 'request']);
  expect(sortText(nextSort(sortOf('time'), 'time'))).toBe('');
});
