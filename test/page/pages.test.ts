import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { LocalXRay } from '../../src/local/index.ts';
import { hasChromium, isWiderThanWindow, useSite } from './support/browser.ts';
import { feed, post } from './support/feed.ts';
import { entityId, shopTrace, traceIdOf } from './support/shop.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FAULT = 8;

interface Place {
  readonly name: string;
  readonly hash: string;
  /** What to click first. */
  readonly opens?: string;
  readonly shows: string;
}

/** Every view of the page, and an element in it. */
const PLACES: readonly Place[] = [
  { name: 'list', hash: '#/traces', shows: '.trace-table .grid-body .row' },
  {
    name: 'map',
    hash: `#/map?at=${encodeURIComponent('["stock","AWS::EC2::Instance"]')}`,
    shows: '.map-panel .histogram',
  },
  { name: 'trace', hash: `#/trace/${traceIdOf(FAULT)}`, shows: '.timeline .bar' },
  {
    name: 'exceptions',
    hash: `#/trace/${traceIdOf(FAULT)}?at=${entityId(FAULT, 4)}&tab=exceptions`,
    shows: '.exception .stack',
  },
  {
    name: 'overview',
    hash: `#/trace/${traceIdOf(FAULT)}?at=${entityId(FAULT, 0)}`,
    shows: '.tab-panel dl',
  },
  { name: 'analytics', hash: '#/analytics?by=route', shows: '.groups tbody tr' },
  { name: 'services', hash: '#/services', shows: '.services tbody tr' },
  {
    name: 'comparison of traces',
    hash: `#/compare?a=${traceIdOf(FAULT)}&b=${traceIdOf(2)}`,
    shows: '.diff tbody tr',
  },
  {
    name: 'choice of a trace',
    hash: `#/compare?a=${traceIdOf(FAULT)}`,
    shows: '.choose li',
  },
  {
    name: 'comparison of time ranges',
    hash: '#/compare?filter=fault&a=1-9999999999&b=1-9999999999',
    shows: '.diff tbody tr',
  },
  { name: 'sampling', hash: '#/sampling?rule=Default', shows: '.rule-form' },
  { name: 'problems', hash: '#/problems', shows: '.notes' },
  {
    name: 'form of a group',
    hash: '#/traces?filter=fault',
    opens: 'button:has-text("Save as group")',
    shows: '.name-group input',
  },
  { name: 'nothing found', hash: '#/traces?filter=duration%20%3E%2099', shows: '.empty' },
];

/** X-Ray accepts the document, but not its annotation. */
const PARTIAL = {
  trace_id: traceIdOf(900),
  id: entityId(900, 0),
  name: 'partial',
  start_time: 1_763_600_000,
  end_time: 1_763_600_001,
  annotations: { 'not-a-key': 1 },
};

/** 720 pixels are 1440 at 200 % zoom. */
const WIDTHS = [380, 720, 768, 1440, 1920];
const SETTINGS = (['light', 'dark'] as const).flatMap((theme) =>
  WIDTHS.map((width) => ({ theme, width })),
);

describe.runIf(hasChromium())('every page', () => {
  const { start, visit } = useSite();

  async function filled(): Promise<LocalXRay> {
    const xray = await start();
    const now = Date.now() / 1000;
    const numbers = Array.from({ length: 60 }, (_, number) => number);
    await feed(
      xray,
      numbers.flatMap((number) => shopTrace({ number, start: now - number })),
    );
    await feed(xray, ['{"id":"x"}', PARTIAL]);
    const report = {
      ClientID: 'a1b2c3d4e5f6a7b8c9d0e1f2',
      Timestamp: now,
      RequestCount: 9,
      SampledCount: 5,
      BorrowCount: 1,
    };
    await post(xray, '/SamplingTargets', {
      SamplingStatisticsDocuments: [{ RuleName: 'Default', ...report }],
    });
    return xray;
  }

  test.for(SETTINGS)(
    'is accessible, fits the window and loads nothing external: $theme, $width pixels',
    async ({ theme, width }) => {
      const xray = await filled();
      const { page, complaints } = await visit(xray, '', {
        colorScheme: theme,
        viewport: { width, height: width === 720 ? 450 : 800 },
      });
      await page.evaluate(AXE);
      const found: Record<string, unknown> = {};
      for (const { name, hash, opens, shows } of PLACES) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        if (opens !== undefined) await page.locator(opens).click();
        await page.locator(shows).first().waitFor();
        found[name] = { violations: await violations(page), wide: await isWiderThanWindow(page) };
      }
      const fine = PLACES.map(({ name }) => [name, { violations: [], wide: false }]);
      expect(found).toEqual(Object.fromEntries(fine));
      expect(complaints).toEqual([]);
    },
  );

  test('the theme can be chosen, and is kept', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '', { colorScheme: 'light' });
    const background = () =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    const button = page.locator('button.theme');
    await button.click();
    await button.click();
    expect(await button.innerText()).toBe('Dark');
    expect(await background()).not.toBe(light);
    await page.reload();
    await page.locator('.trace-table').waitFor();
    expect(await page.locator('button.theme').innerText()).toBe('Dark');
    expect(await background()).not.toBe(light);
  });

  test('there is no animation with reduced motion', async () => {
    const xray = await filled();
    const still = await visit(xray, '', { reducedMotion: 'reduce' });
    const moving = await visit(xray, '', { reducedMotion: 'no-preference' });
    const animations = (page: Page) => page.evaluate<number>('document.getAnimations().length');
    expect(await animations(still.page)).toBe(0);
    expect(await animations(moving.page)).toBeGreaterThan(0);
  });
});

async function violations(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(
    "axe.run().then(({ violations }) => violations.flatMap((v) => v.nodes.map((n) => v.id + ' ' + n.target + ' ' + n.failureSummary)))",
  );
}
