/**
 * Measures the page of the local X-Ray in Chromium with many stored traces: first paint, first data,
 * and the longest task of the main thread, for the list and the analytics view.
 *
 * `node benchmarks/page.ts [traces] [rounds]`, by default 100000 and 3. Needs the Debian package
 * `chromium` and a build (`npm run build`).
 */
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { startLocalXRay } from '../src/local/index.ts';
import { feed } from '../test/page/support/feed.ts';
import { shopTrace } from '../test/page/support/shop.ts';

const [traces = 100_000, rounds = 3] = process.argv.slice(2).map(Number);
const VIEWS = [
  { name: 'list', hash: '#/traces', shows: '.trace-table .grid-body .row' },
  { name: 'analytics', hash: '#/analytics?by=route', shows: '.groups tbody tr' },
] as const;
const MAX_PAINT_MS = 1_000;
const MAX_TASK_MS = 100;
/** Time after the first data in which tasks are still observed. */
const SETTLE_MS = 3_000;

const WATCH = `
  window.watched = { longest: 0, paint: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries())
      if (name === 'first-contentful-paint') watched.paint = startTime;
  }).observe({ type: 'paint', buffered: true });
`;

const xray = await startLocalXRay({
  port: 0,
  keep: traces + 1,
  pageDirectory: resolve(import.meta.dirname, '../dist/page'),
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
});
try {
  const began = performance.now();
  const BATCH = 5_000;
  const start = Date.now() / 1000 - traces / 50;
  for (let from = 0; from < traces; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, traces - from) }, (_, i) => from + i);
    await feed(
      xray,
      // The segment of the front, which is the last document of a trace.
      numbers.map((number) => shopTrace({ number, start: start + number / 50 }).at(-1) as object),
    );
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(`${traces} traces stored in ${seconds} s\n`);
  const indexed = await firstData(VIEWS[0]);
  process.stdout.write(`indexed after ${(indexed / 1000).toFixed(1)} s more\n`);
  let isSlow = false;
  for (const { name, hash, shows } of VIEWS) {
    for (let round = 1; round <= rounds; round += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      await page.addInitScript(WATCH);
      await page.goto(`${xray.url}/${hash}`);
      await page.locator(shows).first().waitFor({ timeout: 60_000 });
      const data = await page.evaluate<number>('performance.now()');
      await page.waitForTimeout(SETTLE_MS);
      const { longest, paint } = await page.evaluate<{ longest: number; paint: number }>('watched');
      const isOver = paint > MAX_PAINT_MS || longest > MAX_TASK_MS;
      isSlow ||= isOver;
      const mark = isOver ? '  OVER THE LIMIT' : '';
      process.stdout.write(
        `${name} ${round}: first paint ${paint.toFixed(0)} ms, first data ${data.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms${mark}\n`,
      );
      await context.close();
    }
  }
  process.stdout.write(`limits: first paint ${MAX_PAINT_MS} ms, task ${MAX_TASK_MS} ms\n`);
  process.exitCode = isSlow ? 1 : 0;
} finally {
  await browser.close();
  await xray.close();
}

/** Opens a view and returns the time until it shows data, in milliseconds. */
async function firstData({ hash, shows }: (typeof VIEWS)[number]): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${xray.url}/${hash}`);
  await page.locator(shows).first().waitFor({ timeout: 120_000 });
  const ms = await page.evaluate<number>('performance.now()');
  await context.close();
  return ms;
}
