import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Profile } from '../../src/local/analytics/profile.ts';
import type { LocalXRay } from '../../src/local/index.ts';
import { spanOf, withSpan } from '../../src/local/page/analytics/response-filter.ts';
import { diffOf } from '../../src/local/page/compare/diff.ts';
import { chosenRange, rangeKey, rangeOf } from '../../src/local/page/time-range.ts';
import { hasChromium, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { marketTrace } from './support/market.ts';
import { traceIdOf } from './support/shop.ts';

const START = 1_763_600_000;

test.for([
  ['', 'responsetime >= 0.1 AND responsetime <= 2'],
  ['fault', 'fault AND responsetime >= 0.1 AND responsetime <= 2'],
  ['ok OR fault', '(ok OR fault) AND responsetime >= 0.1 AND responsetime <= 2'],
] as const)('the response times of a brush are put into the filter "%s"', ([filter, result]) => {
  const once = withSpan(filter, { from: 0.1, to: 2 });
  expect(once).toBe(result);
  expect(spanOf(once)).toEqual({ from: 0.1, to: 2 });
  expect(withSpan(once, { from: 0.1, to: 2 })).toBe(withSpan(once, { from: 0.1, to: 2 }));
  expect(spanOf(withSpan(once, { from: 3, to: 4 }))).toEqual({ from: 3, to: 4 });
  expect(spanOf(withSpan(once, undefined))).toBe(undefined);
});

test('a custom time range is part of the address', () => {
  const key = rangeKey(START + 0.25, START + 10);
  expect(chosenRange(key)).toEqual({ start: START + 0.25, end: START + 10 });
  expect(rangeOf(key, 0)).toEqual({ start: START + 0.25, end: START + 10 });
  expect([chosenRange('5m'), chosenRange(''), chosenRange('1-')]).toEqual(Array(3).fill(undefined));
});

test('a comparison is of average traces: slower, faster, new and gone parts', () => {
  const part = (name: string, calls: number, selfSeconds: number) => ({
    path: ['web', name],
    calls,
    faults: 0,
    errors: 0,
    seconds: selfSeconds,
    selfSeconds,
  });
  const profile = (traces: number, parts: Profile['parts']): Profile => ({
    traces,
    faults: 0,
    errors: 0,
    parts,
    more: false,
  });
  const a = profile(2, [part('cache', 12, 0.02), part('old', 2, 0.2)]);
  const b = profile(1, [part('cache', 40, 0.06), part('fresh', 1, 0.5)]);
  expect(diffOf(a, b).map(({ path, kind, change }) => [path[1], kind, change])).toEqual([
    ['fresh', 'new', 0.5],
    ['old', 'gone', -0.1],
    ['cache', 'both', 0.049999999999999996],
  ]);
  expect(diffOf(a, b)[2]?.a?.calls).toBe(6);
});

describe.runIf(hasChromium())('analytics', () => {
  const { start, visit } = useSite();

  async function filled(): Promise<LocalXRay> {
    const xray = await start();
    const numbers = Array.from({ length: 60 }, (_, number) => number);
    await feed(
      xray,
      numbers.flatMap((number) =>
        marketTrace({ number, start: START + number, slowPayments: number < 30 ? 1 : 4 }),
      ),
    );
    return xray;
  }

  test('dragging over response times filters by them, and can be cleared', async () => {
    const xray = await filled();
    const { page, complaints } = await visit(xray, '#/analytics');
    const all = xray.traces().length;
    await figure(page, 'Traces', String(all));
    const area = page.locator('.chart-area').first();
    const box = (await area.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.99, box.y + 60);
    await page.locator('.brush').waitFor();
    await page.mouse.up();
    await page.getByRole('button', { name: 'Clear', exact: true }).waitFor();
    const filter = await page.locator('#filter').inputValue();
    expect(filter).toMatch(/^responsetime >= [\d.]+ AND responsetime <= [\d.]+$/);
    const slow = xray.traces(filter).length;
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(all);
    await figure(page, 'Traces', String(slow));
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await figure(page, 'Traces', String(all));
    expect(complaints).toEqual([]);
  });

  test('response times are chosen by keyboard, too', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/analytics');
    await page.getByLabel('From, seconds').fill('0.1');
    await page.getByLabel('To, seconds').fill('0.5');
    await page.keyboard.press('Enter');
    const filter = 'responsetime >= 0.1 AND responsetime <= 0.5';
    await figure(page, 'Traces', String(xray.traces(filter).length));
    expect(await page.locator('#filter').inputValue()).toBe(filter);
  });

  test('dragging over time selects a time range, also for the list', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/analytics');
    const area = page.locator('.chart-area').nth(1);
    const box = (await area.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + 2, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.up();
    await page.waitForURL(/range=\d/);
    const { start: from, end } = chosenRange(
      new URLSearchParams(page.url().split('?')[1]).get('range') ?? '',
    ) ?? { start: 0, end: 0 };
    const inside = xray.traces().filter((trace) => trace.start >= from && trace.start < end).length;
    await figure(page, 'Traces', String(inside));
    await page.getByText('Show traces').click();
    await page.getByText(`${inside} traces`, { exact: true }).first().waitFor();
  });

  test('groups filter and exclude', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/analytics');
    await page.getByLabel('Group by').selectOption('route');
    await page.getByRole('link', { name: 'POST /orders', exact: true }).click();
    const orders = 'http.method = "POST" AND annotation[http.route] = "/orders"';
    await figure(page, 'Traces', String(xray.traces(orders).length));
    expect(await page.locator('#filter').inputValue()).toBe(orders);
    await page.getByLabel('Group by').selectOption('annotation.tier');
    await page.getByLabel('Exclude traces with gold').click();
    const basic = `${orders} AND !(annotation[tier] = "gold")`;
    await figure(page, 'Traces', String(xray.traces(basic).length));
    await page.getByText('gold').waitFor({ state: 'detached' });
  });

  test('services have rates and quantiles, sort, and lead to their faults', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/services');
    const rows = page.locator('.services tbody tr');
    await rows.first().waitFor();
    await page.getByRole('button', { name: 'p99' }).click();
    expect(await rows.first().locator('th').innerText()).toBe('web');
    await page.getByRole('button', { name: 'Service', exact: true }).click();
    const names = await rows.locator('th').allInnerTexts();
    expect(names).toEqual([...names].sort());
    await page.getByRole('link', { name: /faults of payments/ }).click();
    const filter = 'service(id(name: "payments", type: "AWS::ECS::Fargate")) { fault }';
    await page
      .getByText(`${xray.traces(filter).length} traces`, { exact: true })
      .first()
      .waitFor();
  });

  test('two traces are compared: a suggested one, and swapped', async () => {
    const xray = await filled();
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByText('Traces of the same request').waitFor();
    await page.locator('.choose li a').first().click();
    const first = page.locator('.diff tbody tr').first();
    await first.getByText('risk check').waitFor();
    const change = await first.locator('td').first().innerText();
    await page.getByText('Swap A and B').click();
    const swapped = change.startsWith('+') ? change.replace('+', '−') : change.replace('−', '+');
    await first.getByText(swapped, { exact: true }).waitFor();
  });

  test('two time ranges of one route are compared', async () => {
    const xray = await filled();
    const filter = encodeURIComponent('http.url ENDSWITH "/orders"');
    const { page, complaints } = await visit(xray, `#/analytics?filter=${filter}`);
    await page.getByText('Compare time ranges').click();
    const first = page.locator('.diff tbody tr').first();
    await first.getByText('risk check').waitFor();
    expect(await first.locator('td').first().innerText()).toMatch(/^\+\d+(?:\.\d+)? ms$/);
    const p50 = page.locator('.sides tr', { hasText: 'p50' });
    expect(await p50.locator('td').last().innerText()).toMatch(/^\+/);
    expect(complaints).toEqual([]);
  });
});

function figure(page: Page, name: string, value: string): Promise<void> {
  return page
    .locator('.figures-row > div', { hasText: name })
    .getByText(value, { exact: true })
    .waitFor();
}
