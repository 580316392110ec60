import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { LocalXRay } from '../../src/local/index.ts';
import { hasChromium, isWiderThanWindow, useSite } from './support/browser.ts';
import { fillPlaces, PLACES } from './support/places.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** 720 pixels are 1440 at 200% zoom. */
const WIDTHS = [380, 720, 768, 1440, 1920];
const SETTINGS = (['light', 'dark'] as const).flatMap((theme) =>
  WIDTHS.map((width) => ({ theme, width })),
);

describe.runIf(hasChromium())('every page', () => {
  const { start, visit } = useSite();

  async function filled(): Promise<LocalXRay> {
    const xray = await start();
    await fillPlaces(xray);
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
