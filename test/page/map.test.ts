import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasChromium, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { marketTrace, QUEUE_URL } from './support/market.ts';
import { entityId, traceIdOf } from './support/shop.ts';

const START = 1_763_600_000;
const ORDER = 3;

/** The last one is 1440 × 900 at 200% zoom. */
const SIZES = [
  [380, 800],
  [768, 1024],
  [1440, 900],
  [1920, 1080],
  [720, 450],
] as const;

describe.runIf(hasChromium())('the trace map', () => {
  const { start, visit } = useSite();

  test.for(SIZES)('is whole, with its zoom buttons in view: %i × %i', async ([width, height]) => {
    const xray = await start();
    await feed(xray, marketTrace({ number: ORDER, start: START }));
    const { page } = await visit(xray, '#/map', { viewport: { width, height } });
    await page.locator('.node').nth(8).waitFor();
    expect(await outsideOfFrame(page)).toEqual([]);
    const fit = await page.getByText('Fit', { exact: true }).boundingBox();
    expect((fit?.y ?? height) + (fit?.height ?? 0)).toBeLessThanOrEqual(height);

    await page.evaluate(`location.hash = '#/trace/${traceIdOf(ORDER)}'`);
    await page.locator('.trace-page .node').nth(7).waitFor();
    expect(await outsideOfFrame(page)).toEqual([]);
  });

  test('shows a queue by name, with its URL on hover and in the details', async () => {
    const xray = await start();
    await feed(xray, marketTrace({ number: ORDER, start: START }));
    const { page } = await visit(xray, '#/map');
    const node = page.locator('.node', { hasText: 'order-events' });
    await node.click();
    expect(await node.locator('title').textContent()).toBe(QUEUE_URL);
    expect(await page.locator('.map-panel h2').innerText()).toBe('order-events');
    expect(await page.locator('.map-panel .full-name').innerText()).toBe(QUEUE_URL);

    await page.evaluate(`location.hash = '#/trace/${traceIdOf(ORDER)}'`);
    await page.locator('.trace-page .node', { hasText: 'order-events' }).click();
    await page.locator('.detail h2', { hasText: 'SQS' }).waitFor();
    await page.getByRole('tab', { name: 'Resources' }).click();
    await page.locator('.tab-panel').getByText(QUEUE_URL).waitFor();
    await page.locator('.tab-panel').getByText('Queue URL', { exact: true }).waitFor();
  });

  test('the tabs of the details stand in one row, also in a panel of 540 pixels', async () => {
    const xray = await start();
    await feed(xray, marketTrace({ number: 8, start: START }));
    const { page } = await visit(xray, `#/trace/${traceIdOf(8)}?at=${entityId(8, 0)}`, {
      viewport: { width: 1350, height: 800 },
    });
    await page.getByRole('tab').first().waitFor();
    expect((await page.locator('.detail').boundingBox())?.width).toBe(540);
    const tops = await page
      .getByRole('tab')
      .evaluateAll((tabs) => [...new Set(tabs.map((tab) => tab.getBoundingClientRect().top))]);
    expect(tops).toHaveLength(1);
  });
});

/** Names of nodes that are not wholly inside the frame of the map. */
function outsideOfFrame(page: Page): Promise<readonly string[]> {
  return page.locator('.map-frame').evaluate((frame) => {
    const box = frame.getBoundingClientRect();
    return [...frame.querySelectorAll('.node')]
      .filter((node) => {
        const { left, right, top, bottom } = node.getBoundingClientRect();
        return (
          left < box.left - 1 ||
          right > box.right + 1 ||
          top < box.top - 1 ||
          bottom > box.bottom + 1
        );
      })
      .map((node) => node.textContent ?? '');
  });
}
