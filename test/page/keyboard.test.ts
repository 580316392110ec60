import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { LocalXRay } from '../../src/local/index.ts';
import { chosenRange } from '../../src/local/page/time-range.ts';
import { hasChromium, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { marketTrace } from './support/market.ts';
import { fillPlaces, PLACES } from './support/places.ts';
import { traceIdOf } from './support/shop.ts';

const START = 1_763_600_000;
/** A date has a stop for each of its parts. */
const MAX_TABS = 150;

/**
 * Notes the look of every control without focus, and later of each one that takes it. A look is what the
 * styles of the control and its parts say.
 */
const WATCH_FOCUS = `(() => {
  const looks = (control) => [control, ...control.querySelectorAll('*')].map((part) => {
    const s = getComputedStyle(part);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.stroke, s.strokeWidth].join();
  }).join(';');
  const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true }));
  document.activeElement?.blur();
  const before = new Map(controls.map((each) => [each, looks(each)]));
  const reached = new Set();
  const unseen = new Set();
  addEventListener('focusin', ({ target }) => {
    reached.add(target);
    if (before.has(target) && looks(target) === before.get(target)) unseen.add(target);
  });
  const name = (each) => each.tagName + ' ' + (each.getAttribute('aria-label') ?? each.textContent ?? '').trim().slice(0, 40);
  window.focusReport = () => ({
    missed: controls.filter((each) => each.isConnected && !reached.has(each)).map(name),
    unseen: [...unseen].map(name),
  });
  window.allReached = () => controls.every((each) => !each.isConnected || reached.has(each));
})()`;

describe.runIf(hasChromium())('by keyboard', () => {
  const { start, visit } = useSite();

  async function market(count = 60): Promise<LocalXRay> {
    const xray = await start();
    const numbers = Array.from({ length: count }, (_, number) => number);
    await feed(
      xray,
      numbers.flatMap((number) => marketTrace({ number, start: START + number })),
    );
    return xray;
  }

  test.for(PLACES)(
    'Tab reaches every control, which shows the focus: $name',
    async ({ hash, opens, shows }) => {
      const xray = await start();
      await fillPlaces(xray);
      const { page } = await visit(xray, hash, { reducedMotion: 'reduce' });
      if (opens !== undefined) await page.locator(opens).click();
      await page.locator(shows).first().waitFor();
      await page.evaluate(WATCH_FOCUS);
      for (let tabs = 0; tabs < MAX_TABS && !(await page.evaluate('allReached()')); tabs += 1) {
        await page.keyboard.press('Tab');
      }
      expect(await page.evaluate('focusReport()')).toEqual({ missed: [], unseen: [] });
    },
  );

  test('ranges of both charts are selected, given up and applied', async () => {
    const xray = await market();
    const { page } = await visit(xray, '#/analytics');
    const times = page.getByRole('slider', { name: /^Response time distribution/ });
    await times.press('End');
    await expect
      .poll(() => times.getAttribute('aria-valuetext'))
      .toMatch(/^\d.* – \d.*: \d+ traces?/);
    await times.press('Escape');
    await expect.poll(() => times.getAttribute('aria-valuetext')).toBe('nothing selected');
    await times.press('End');
    for (let bins = 0; bins < 5; bins += 1) await times.press('Shift+ArrowLeft');
    await times.press('Enter');
    await page.getByRole('button', { name: 'Clear', exact: true }).waitFor();
    await expect
      .poll(() => page.locator('#filter').inputValue())
      .toMatch(/^responsetime >= [\d.]+ AND responsetime <= [\d.]+$/);
    const filter = await page.locator('#filter').inputValue();
    await traces(page, xray.traces(filter).length);

    const overTime = page.getByRole('slider', { name: /^Traces over time/ });
    await overTime.press('ArrowRight');
    await overTime.press('Shift+ArrowRight');
    await overTime.press('Shift+ArrowRight');
    await overTime.press('Enter');
    await page.waitForURL(/range=\d/);
    const range = new URLSearchParams(page.url().split('?')[1]).get('range') ?? '';
    const { start: from = 0, end = 0 } = chosenRange(range) ?? {};
    const inside = xray.traces(filter).filter((trace) => trace.start >= from && trace.start < end);
    await traces(page, inside.length);
  });

  test('traces are grouped by another value, filtered and excluded', async () => {
    const xray = await market();
    const { page } = await visit(xray, '#/analytics?by=method');
    const exclude = page.getByRole('link', { name: 'Exclude traces with POST' });
    await exclude.press('Enter');
    const filter = '!(http.method = "POST")';
    await traces(page, xray.traces(filter).length);
    await page.getByRole('combobox', { name: 'Group by' }).selectOption('route');
    await page.getByRole('link', { name: 'GET /cart', exact: true }).press('Enter');
    await page.waitForURL(/cart/);
    await expect
      .poll(() => page.locator('#filter').inputValue())
      .toContain('annotation[http.route] = "/cart"');
  });

  test('a filter is written with suggestions', async () => {
    const xray = await market();
    const { page } = await visit(xray, '#/traces');
    await page.locator('.trace-table .grid-body .row').first().waitFor();
    const box = page.getByRole('combobox', { name: 'Filter expression or trace id' });
    await box.pressSequentially('annotation.ti');
    await page.getByRole('option', { name: /tier/ }).waitFor();
    await box.press('ArrowDown');
    await box.press('Enter');
    await box.pressSequentially('= ');
    await page.getByRole('option', { name: /gold/ }).waitFor();
    await box.press('ArrowDown');
    await box.press('ArrowDown');
    await box.press('Enter');
    await page.getByRole('option', { name: /^AND/ }).waitFor();
    await box.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
    await box.press('Enter');
    const filter = 'annotation[tier] = "gold"';
    await page
      .getByText(`${xray.traces(filter).length} traces`, { exact: true })
      .first()
      .waitFor();
    await expect.poll(() => box.inputValue()).toBe(filter);
  });

  test('a filter is saved as a group, used and deleted; the focus stays at it', async () => {
    const xray = await market();
    const { page } = await visit(xray, '#/traces?filter=fault');
    const focus = () => page.evaluate<string>('document.activeElement.textContent');
    const save = page.getByRole('button', { name: 'Save as group' });
    await save.press('Enter');
    await page.getByRole('textbox', { name: 'Name of the group' }).press('Escape');
    await expect.poll(focus).toBe('Save as group');
    await save.press('Enter');
    await page.keyboard.type('broken');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Delete group' }).waitFor();
    await expect.poll(focus).toBe('broken');
    await page.getByRole('link', { name: 'All', exact: true }).first().press('Enter');
    await page.getByRole('link', { name: 'broken' }).press('Enter');
    await page
      .getByText(`${xray.traces('fault').length} traces`, { exact: true })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Delete group' }).press('Enter');
    await expect.poll(focus).toBe('Save as group');
    await expect.poll(() => page.locator('#filter').inputValue()).toBe('fault');
    await expect.poll(() => page.getByRole('link', { name: 'broken' }).count()).toBe(0);
  });

  test('services are sorted, and one leads to its analytics', async () => {
    const xray = await market();
    const { page } = await visit(xray, '#/services');
    const head = page.getByRole('columnheader', { name: 'p99' });
    await head.getByRole('button').press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending');
    await page.keyboard.press(' ');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('link', { name: 'payments', exact: true }).press('Enter');
    await page.getByRole('slider').first().waitFor();
    await expect.poll(() => page.locator('#filter').inputValue()).toContain('payments');
  });

  test('two traces and two time ranges are compared', async () => {
    const xray = await market();
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    await page.getByRole('link', { name: 'Compare' }).press('Enter');
    await page.getByRole('textbox', { name: 'Trace id' }).fill(traceIdOf(13));
    await page.keyboard.press('Enter');
    await page.locator('.diff tbody tr').first().getByText('risk check').waitFor();
    const unchanged = await page.locator('.diff tbody tr').count();
    await page.getByRole('button', { name: /^Show all/ }).press('Enter');
    await page.getByRole('button', { name: 'Show only what changed' }).waitFor();
    await expect.poll(() => page.locator('.diff tbody tr').count()).toBeGreaterThan(unchanged);
    await page.getByRole('link', { name: 'Swap A and B' }).press('Enter');
    await page.waitForURL(new RegExp(`b=${traceIdOf(3)}`));

    await page.evaluate("location.hash = '#/compare'");
    const compare = page.getByRole('button', { name: 'Compare' });
    await compare.press('Enter');
    await page.getByText('There is no trace for side A and B.').waitFor();
  });

  test('traces are exported, and a file is chosen', async () => {
    const xray = await market(10);
    const { page } = await visit(xray, '#/traces?filter=fault');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export' }).press('Enter');
    expect((await download).suggestedFilename()).toBe('traces.json');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open file' }).press('Enter');
    expect((await chooser).isMultiple()).toBe(true);
  });
});

/** Waits until the analytics view counts so many traces. */
function traces(page: Page, count: number): Promise<void> {
  return page
    .locator('.figures-row > div', { hasText: 'Traces' })
    .getByText(String(count), { exact: true })
    .waitFor();
}
