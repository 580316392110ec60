import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Analytics } from '../../src/local/analytics/analytics.ts';
import { binIndex, logBins, quantileOf, timeBins } from '../../src/local/analytics/distribution.ts';
import { GROUP_NAMES } from '../../src/local/analytics/group-by.ts';
import type { Profile } from '../../src/local/analytics/profile.ts';
import { requestRoute } from '../../src/local/analytics/route.ts';
import { startXRay, type XRayFixture } from '../../src/testing.ts';
import { feed } from '../page/support/feed.ts';
import { marketTrace } from '../page/support/market.ts';
import { traceIdOf } from '../page/support/shop.ts';

const START = 1_763_600_000;

async function filled(count: number): Promise<XRayFixture> {
  const xray = await startXRay();
  onTestFinished(() => xray.close());
  const numbers = Array.from({ length: count }, (_, number) => number);
  await feed(
    xray,
    numbers.flatMap((number) => marketTrace({ number, start: START + number })),
  );
  return xray;
}

async function read<Reply>(xray: XRayFixture, path: string, query = {}): Promise<Reply> {
  const response = await fetch(`${xray.url}/local/${path}?${new URLSearchParams(query)}`);
  return (await response.json()) as Reply;
}

test.for([
  [
    'https://a.example/products/17?x=1',
    '/products/*',
    ['http.url BEGINSWITH "https://a.example/products/"'],
  ],
  [
    '/orders/7/items/9/parts',
    '/orders/*/items/*/parts',
    ['http.url BEGINSWITH "/orders/"', 'http.url CONTAINS "/parts"'],
  ],
  [
    'http://a/u/9b2f1c3e-1111-4222-8333-123456789abc',
    '/u/*',
    ['http.url BEGINSWITH "http://a/u/"'],
  ],
  ['http://a/cart', '/cart', ['http.url = "http://a/cart"']],
  ['http://a/cart?q="x"', '/cart', ['http.url BEGINSWITH "http://a/cart"']],
  ['http://a', '/', ['http.url BEGINSWITH "http://a/"']],
  ['', '/', ['http.url BEGINSWITH "/"']],
] as const)('the route of %s is %s', ([url, route, conditions]) => {
  expect(requestRoute(url)).toEqual({ route, conditions });
});

test('bins hold every value, in order and without gaps', () => {
  const seconds = fc.double({ min: 0, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(fc.array(seconds, { minLength: 1, maxLength: 50 }), (values) => {
      const [least, greatest] = [Math.min(...values), Math.max(...values)];
      for (const bins of [logBins(least, greatest, 40), timeBins(least, greatest, 60)]) {
        expect(bins.length).toBeLessThanOrEqual(62);
        expect(bins.every(({ from, to }) => from < to)).toBe(true);
        expect(
          bins.slice(1).every(({ from }, i) => Math.abs(from - (bins[i]?.to ?? 0)) < 1e-6),
        ).toBe(true);
        for (const value of values) {
          const bin = bins[binIndex(bins, value)];
          expect((bin?.from ?? 0) <= Math.max(value, 1e-6) && value <= (bin?.to ?? 0) + 1e-9).toBe(
            true,
          );
        }
      }
    }),
  );
});

test('a quantile is the smallest value that at least this share of the values does not exceed', () => {
  expect([0, 0.5, 0.9, 1].map((share) => quantileOf([1, 2, 3, 4], share))).toEqual([1, 2, 4, 4]);
  expect(quantileOf([], 0.5)).toBe(undefined);
});

test('every trace is counted once, in each distribution', async () => {
  const xray = await filled(60);
  const all = xray.traces();
  const reply = await read<Analytics>(xray, 'analytics', { by: 'status' });
  const sum = (bins: readonly { ok: number; error: number; fault: number; throttle: number }[]) =>
    bins.reduce(
      (total, { ok, error, fault, throttle }) => total + ok + error + fault + throttle,
      0,
    );
  expect([reply.traces, sum(reply.responseTimes), sum(reply.overTime)]).toEqual(
    Array(3).fill(all.length),
  );
  expect(reply.annotations).toEqual(['http.route', 'tier']);
  const faults = reply.groups.find(({ value }) => value === '500');
  expect(faults).toMatchObject({ condition: 'http.status = 500', ok: 0 });
  expect(faults?.fault).toBe(xray.traces('fault').length);
});

test.for([...GROUP_NAMES, 'annotation.tier'])(
  'the filter of each group by %s finds as many traces as the group counts',
  async (by) => {
    const xray = await filled(60);
    const { groups } = await read<Analytics>(xray, 'analytics', { by });
    expect(groups.length).toBeGreaterThan(0);
    const found = groups.map(({ value, condition }) => [value, xray.traces(condition).length]);
    expect(found).toEqual(groups.map(({ value, count }) => [value, count]));
  },
);

test.for([
  { filter: 'fault', from: 0 },
  { filter: 'service("payments") { responsetime > 0.1 }', from: 0 },
  { filter: 'http.url CONTAINS "orders" AND !error', from: START + 20 },
])('$filter from $from selects what the list selects', async ({ filter, from }) => {
  const xray = await filled(60);
  const expected = xray.traces(filter).filter(({ start }) => start >= from).length;
  const reply = await read<Analytics>(xray, 'analytics', { filter, from });
  expect(expected).toBeGreaterThan(0);
  expect(reply.traces).toBe(expected);
});

test('without traces there are no bins and no groups', async () => {
  const xray = await filled(0);
  expect(await read(xray, 'analytics')).toEqual({
    traces: 0,
    responseTimes: [],
    overTime: [],
    groups: [],
    moreGroups: 0,
    annotations: [],
  });
});

test.for(['analytics', 'profile', 'export'])(
  '%s rejects a filter that X-Ray rejects',
  async (path) => {
    const xray = await filled(0);
    const response = await fetch(`${xray.url}/local/${path}?filter=duration+%3E`);
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain('Invalid input symbol');
  },
);

test('a profile sums the parts of a trace, each with its self time', async () => {
  const xray = await filled(10);
  const { traces, parts } = await read<Profile>(xray, 'profile', { id: traceIdOf(3) });
  expect(traces).toBe(1);
  const redis = parts.find(({ path }) => path.at(-1) === 'cache.local');
  expect(redis).toMatchObject({ path: ['web', 'orders', 'orders', 'cache.local'], calls: 6 });
  expect(redis?.selfSeconds).toBeCloseTo(6 * 0.0016, 5);
  const [root] = parts.filter(({ path }) => path.length === 1);
  const selfTimes = parts.reduce((sum, part) => sum + part.selfSeconds, 0);
  expect(selfTimes).toBeCloseTo(root?.seconds ?? -1, 4);
});

test('a profile of a filter sums its traces', async () => {
  const xray = await filled(60);
  const filter = 'http.url ENDSWITH "/orders"';
  const count = xray.traces(filter).length;
  const profile = await read<Profile>(xray, 'profile', { filter });
  expect(profile).toMatchObject({
    traces: count,
    faults: xray.traces('fault').length,
    more: false,
  });
  expect(profile.parts.find(({ path }) => path.at(-1) === 'risk check')?.calls).toBe(count);
});
