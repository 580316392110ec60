import { expect, test } from 'vitest';
import {
  agoText,
  axisTimeText,
  bytesText,
  countedText,
  countText,
  percentText,
  timeText,
} from '../../src/local/page/format.ts';
import { type Item, merged, requestParts } from '../../src/local/page/list/items.ts';
import { layoutOf } from '../../src/local/page/map/dagre-layout.ts';
import { mapOf, outcomesOf, quantile } from '../../src/local/page/map/graph.ts';
import { barsOf } from '../../src/local/page/map/histogram-bars.ts';
import { estimatedSize } from '../../src/local/page/map/layout.ts';
import { attributeLines, attributesOf } from '../../src/local/page/sampling/rule-fields.ts';
import { barOf, scaleOf, visibleIntervals } from '../../src/local/page/trace/scale.ts';
import { grownRange } from '../../src/local/page/ui/row-range.ts';
import { visible } from '../../src/local/visible-text.ts';
import { rateText } from '../../src/rate-text.ts';

test('numbers are shown with units and separators', () => {
  expect([0, 0.001, 0.5, 0.999, 1].map(percentText)).toEqual(['0%', '<1%', '50%', '>99%', '100%']);
  expect([0.05, 0.0125, 1].map(rateText)).toEqual(['5%', '1.25%', '100%']);
  expect([999, 1_000, 14_200_000].map(bytesText)).toEqual(['999 B', '1 KB', '14.2 MB']);
  expect([countedText(1, 'trace'), countedText(2_000, 'trace')]).toEqual([
    '1 trace',
    '2,000 traces',
  ]);
  expect([0, 999, 1_000, 1_234_567].map(countText)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([99, 30, -50].map((at) => agoText(at, 100_000))).toEqual([
    '1 s ago',
    '1 min ago',
    '2 min ago',
  ]);
});

test('a time on another day includes the date', () => {
  const at = new Date(2026, 10, 20, 23, 59, 58, 7).getTime();
  expect(timeText(at / 1000, at)).toBe('23:59:58.007');
  expect(timeText(at / 1000, at + 3_000)).toBe('2026-11-20 23:59:58.007');
});

test('an axis label is as precise as the axis needs', () => {
  const at = new Date(2026, 10, 20, 23, 59, 58, 7).getTime() / 1000;
  expect([3, 60, 100_000, 1_000_000].map((length) => axisTimeText(at, length))).toEqual([
    '23:59:58.007',
    '23:59:58',
    '11-20 23:59',
    '2026-11-20',
  ]);
});

test('invisible characters are escaped', () => {
  expect(visible('a\u202eb\u0000c\u200dd\ttab\nline é 日')).toBe(
    'a\\u{202e}b\\u{0}c\\u{200d}d\ttab\nline é 日',
  );
});

test('a timeline has round ticks, and bars stay inside', () => {
  const scale = scaleOf(100, 100.402);
  expect(scale.ticks).toEqual([0, 0.1, 0.2, 0.30000000000000004, 0.4]);
  expect(barOf(scaleOf(100, 104), 102, 104)).toEqual({ left: 0.5, width: 0.5 });
  expect(barOf(scale, 99, undefined)).toEqual({ left: 0, width: 1 });
  expect(scaleOf(5, 5).ticks.length).toBeGreaterThan(1);
});

const ITEM: Item = {
  id: 'a',
  start: 1,
  status: 'ok',
  method: 'GET',
  url: 'http://shop.local/x?y=1',
  command: '',
  code: 200,
  responseTime: 1,
  duration: 1,
  entry: 'shop',
  others: [],
  tokens: 0,
  revision: 1,
};

test.for([
  { rule: 'path first, host apart', item: {}, parts: { what: 'GET /x?y=1', host: 'shop.local' } },
  { rule: 'no path', item: { url: 'https://h' }, parts: { what: 'GET /', host: 'h' } },
  { rule: 'no address', item: { url: '/x' }, parts: { what: 'GET /x', host: '' } },
  {
    rule: 'a command',
    item: { url: '', method: '', command: 'SET n ?', entry: '127.0.0.1' },
    parts: { what: 'SET n ?', host: '127.0.0.1' },
  },
  { rule: 'no HTTP', item: { url: '', method: '' }, parts: { what: 'shop', host: '' } },
  { rule: 'nothing', item: { url: '', method: '', entry: '' }, parts: { what: 'a', host: '' } },
])('a line of the list: $rule', ({ item, parts }) => {
  expect(requestParts({ ...ITEM, ...item })).toEqual(parts);
});

test('new and changed traces are merged in order; the same revision changes nothing', () => {
  const items = [{ ...ITEM, id: 'b', start: 3 }, ITEM];
  const isKnown = (id: string) => id === 'a' || id === 'b';
  expect(merged(items, [{ ...ITEM }], isKnown)).toBe(items);
  expect(merged(items, [], isKnown)).toBe(items);
  const older = { ...ITEM, id: 'z', start: 0.5 };
  expect(merged(items, [older], isKnown)).toEqual([...items, older]);
  const changed = { ...ITEM, revision: 2, start: 4 };
  const fresh = { ...ITEM, id: 'c', start: 2 };
  expect(merged(items, [changed, fresh], isKnown).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('throttled requests are counted separately from other errors', () => {
  const statistics = {
    OkCount: 5,
    ErrorStatistics: { ThrottleCount: 2, TotalCount: 3 },
    FaultStatistics: { TotalCount: 2 },
    TotalCount: 10,
    TotalResponseTime: 5,
  };
  expect(outcomesOf(statistics)).toEqual({
    ok: 5,
    error: 1,
    throttle: 2,
    fault: 2,
    total: 10,
    mean: 0.5,
  });
  expect(outcomesOf(undefined).mean).toBe(undefined);
});

test('a histogram has its quantiles and bars', () => {
  const entries = [
    { Value: 0.1, Count: 9 },
    { Value: 0.5, Count: 1 },
  ];
  expect([0.5, 0.9, 0.99].map((share) => quantile(entries, share))).toEqual([0.1, 0.1, 0.5]);
  const { from, to, counts } = barsOf(entries);
  expect({ from, to, first: counts[0], last: counts.at(-1) }).toEqual({
    from: 0.1,
    to: 0.5,
    first: 9,
    last: 1,
  });
  expect(barsOf([{ Value: 1, Count: 2 }]).counts[0]).toBe(2);
});

test('the layout separates all nodes, even in a cycle of calls', () => {
  const services = [0, 1, 2].map((ReferenceId) => ({
    ReferenceId,
    Name: `n${ReferenceId}`,
    Edges: [{ ReferenceId: (ReferenceId + 1) % 3 }, { ReferenceId }, { ReferenceId: 99 }],
  }));
  const map = mapOf(services);
  expect(map.edges).toHaveLength(6);
  const { nodes, edges } = layoutOf(map, 'LR');
  expect(new Set([...nodes.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
  expect(edges.size).toBe(6);
});

test('attributes of a rule convert to lines of text and back', () => {
  const attributes = { tier: 'gold', path: 'a=b' };
  expect(attributesOf(attributeLines(attributes))).toEqual(attributes);
  expect(attributesOf(' a = b \n\n c')).toEqual({ a: 'b', c: '' });
});

test('a chain, a fan and a cycle of calls take the estimated size', () => {
  const shapes = [
    { calls: ['a b', 'b c'] },
    { calls: ['a b', 'a c', 'a d'] },
    { calls: ['a b', 'b a', 'b b'] },
  ].map(({ calls }) => ({
    nodes: [...new Set(calls.join(' ').split(' '))].map((key) => ({ key })),
    edges: calls.map((key) => ({ key, from: key.charAt(0), to: key.charAt(2) })),
  }));
  const chain = shapes[0] as (typeof shapes)[number];
  const fan = shapes[1] as (typeof shapes)[number];
  for (const shape of [chain, fan]) {
    const { width, height } = layoutOf(shape, 'LR');
    expect(estimatedSize(shape)).toEqual({ width, height });
  }
  const cycle = estimatedSize(shapes[2] as (typeof shapes)[number]);
  expect([cycle.width > 0, cycle.width < 1_000]).toEqual([true, true]);
});

test.each([
  {
    rule: 'the first frame draws the rows in view',
    drawn: undefined,
    inView: [0, 20],
    wanted: [0, 32],
    first: [0, 14],
    frames: 3,
  },
  {
    rule: 'rows in view come before those above and below',
    drawn: [0, 40],
    inView: [36, 56],
    wanted: [24, 68],
    first: [24, 54],
    frames: 2,
  },
  {
    rule: 'a jump starts with the first row in view',
    drawn: [0, 40],
    inView: [500, 520],
    wanted: [488, 532],
    first: [500, 514],
    frames: 4,
  },
  {
    rule: 'rows above are drawn when scrolling back',
    drawn: [100, 140],
    inView: [90, 110],
    wanted: [78, 122],
    first: [86, 122],
    frames: 2,
  },
  {
    rule: 'fewer rows than before',
    drawn: [0, 40],
    inView: [0, 3],
    wanted: [0, 3],
    first: [0, 3],
    frames: 1,
  },
])('rows per frame: $rule', ({ drawn, inView, wanted, first, frames }) => {
  const rangeOf = (pair: readonly number[]) => ({ first: pair[0] ?? 0, last: pair[1] ?? 0 });
  const goal = rangeOf(wanted);
  const ranges = [grownRange(drawn && rangeOf(drawn), rangeOf(inView), goal, 14)];
  while (JSON.stringify(ranges.at(-1)) !== JSON.stringify(goal) && ranges.length < 10) {
    ranges.push(grownRange(ranges.at(-1), rangeOf(inView), goal, 14));
  }
  expect(ranges[0]).toEqual(rangeOf(first));
  expect(ranges).toHaveLength(frames);
});

test('intervals of a timeline are united where their gaps cannot be seen', () => {
  const scale = scaleOf(0, 2_000);
  const calls = Array.from({ length: 400 }, (_, i) => ({ start: i * 4, end: i * 4 + 1 }));
  expect(visibleIntervals(scale, calls)).toEqual([{ start: 0, end: 1_597 }]);
  expect(
    visibleIntervals(scale, [
      { start: 600, end: undefined },
      { start: 100, end: 300 },
      { start: 0, end: 50 },
      { start: 120, end: 140 },
      { start: 700, end: 800 },
    ]),
  ).toEqual([
    { start: 0, end: 50 },
    { start: 100, end: 300 },
    { start: 600, end: undefined },
  ]);
});
