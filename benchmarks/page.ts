/**
 * Measures the page of the local X-Ray in Chromium with many stored traces: first paint, first data,
 * and the longest task of the main thread, for each view and for scrolling, sorting and filtering.
 *
 * `node benchmarks/page.ts [traces] [rounds]`, by default 100000 and 3. Needs the Debian package
 * `chromium` and a build (`npm run build`).
 *
 * A task has a limit of its duration, which other processes lengthen, and one of its CPU time.
 */
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type LocalXRay, startLocalXRay } from '../src/local/index.ts';
import { feed } from '../test/page/support/feed.ts';
import { shopTrace, traceIdOf } from '../test/page/support/shop.ts';
import { BIG_TRACE, bigTrace } from './support/big-trace.ts';
import { type TraceEvent, tasksOfPage } from './support/browser-tasks.ts';

const [traces = 100_000, rounds = 3] = process.argv.slice(2).map(Number);
const MAX_PAINT_MS = 1_000;
const MAX_TASK_MS = 100;
const MAX_TASK_CPU_MS = 60;
/** Time after the first data, or after the last input, in which tasks are still observed. */
const SETTLE_MS = 2_000;
const ROW = '.trace-table .grid-body .row';
const BIG = traceIdOf(BIG_TRACE);

interface View {
  readonly name: string;
  readonly hash: string;
  readonly shows: string;
  /** Uses the view once it shows data. */
  readonly use?: (page: Page) => Promise<void>;
}

const VIEWS: readonly View[] = [
  { name: 'list', hash: '#/traces', shows: ROW },
  { name: 'scroll', hash: '#/traces', shows: ROW, use: (page) => scroll(page, '.trace-table') },
  { name: 'sort', hash: '#/traces', shows: ROW, use: sort },
  { name: 'filter', hash: '#/traces', shows: ROW, use: filter },
  { name: 'analytics', hash: '#/analytics?by=route', shows: '.groups tbody tr' },
  { name: 'map', hash: '#/map', shows: '.node' },
  { name: 'services', hash: '#/services', shows: '.services tbody tr' },
  {
    name: 'compare',
    hash: `#/compare?a=${BIG}&b=${traceIdOf(5)}`,
    shows: '.compare-page tbody tr',
  },
  {
    name: 'trace of 2,000',
    hash: `#/trace/${BIG}`,
    shows: '.timeline .bar',
    use: (page) => scroll(page, '.timeline'),
  },
];

const PAINT = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`;
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

const xray = await startLocalXRay({
  port: 0,
  keep: traces + 2,
  pageDirectory: resolve(import.meta.dirname, '../dist/page'),
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
});
try {
  await store(xray);
  const indexed = await measure(browser, { name: 'index', hash: '#/traces', shows: ROW });
  process.stdout.write(`indexed after ${(indexed.data / 1000).toFixed(1)} s more\n`);
  let isSlow = false;
  for (const view of VIEWS) {
    for (let round = 1; round <= rounds; round += 1) {
      const { paint, data, task, cpu } = await measure(browser, view);
      const isOver = paint > MAX_PAINT_MS || task > MAX_TASK_MS || cpu > MAX_TASK_CPU_MS;
      isSlow ||= isOver;
      const mark = isOver ? '  OVER THE LIMIT' : '';
      process.stdout.write(
        `${view.name} ${round}: first paint ${paint.toFixed(0)} ms, first data ${data.toFixed(0)} ms, longest task ${task.toFixed(0)} ms, ${cpu.toFixed(0)} ms of CPU${mark}\n`,
      );
    }
  }
  process.stdout.write(
    `limits: first paint ${MAX_PAINT_MS} ms, task ${MAX_TASK_MS} ms, ${MAX_TASK_CPU_MS} ms of CPU\n`,
  );
  process.exitCode = isSlow ? 1 : 0;
} finally {
  await browser.close();
  await xray.close();
}

async function store(target: LocalXRay): Promise<void> {
  const BATCH = 5_000;
  const began = performance.now();
  const start = Date.now() / 1000 - traces / 50;
  for (let from = 0; from < traces; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, traces - from) }, (_, i) => from + i);
    // The segment of the front, which is the last document of a trace.
    await feed(
      target,
      numbers.map((number) => shopTrace({ number, start: start + number / 50 }).at(-1) as object),
    );
    process.stderr.write(`[${from + numbers.length}/${traces}] traces stored\n`);
  }
  await feed(target, bigTrace(Date.now() / 1000 - 10));
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(`${traces} traces stored in ${seconds} s\n`);
}

/** Opens a view and uses it; all in milliseconds. */
async function measure(
  from: Browser,
  { hash, shows, use }: View,
): Promise<{
  readonly paint: number;
  readonly data: number;
  readonly task: number;
  readonly cpu: number;
}> {
  const context = await from.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const events: TraceEvent[] = [];
  const session = await from.newBrowserCDPSession();
  session.on('Tracing.dataCollected', ({ value }) =>
    events.push(...(value as readonly unknown[] as TraceEvent[])),
  );
  await session.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES } });
  await page.goto(`${xray.url}/${hash}`);
  await page.locator(shows).first().waitFor({ timeout: 120_000 });
  const data = await page.evaluate<number>('performance.now()');
  await use?.(page);
  await page.waitForTimeout(SETTLE_MS);
  const paint = await page.evaluate<number>(PAINT);
  const complete = new Promise((done) => {
    session.once('Tracing.tracingComplete', done);
  });
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  await context.close();
  return { paint, data, ...tasksOfPage(events, xray.url) };
}

async function scroll(page: Page, selector: string): Promise<void> {
  for (let step = 1; step <= 20; step += 1) {
    await page.evaluate(`document.querySelector('${selector}').scrollTop += ${step * 1_500}`);
    await page.waitForTimeout(50);
  }
}

async function sort(page: Page): Promise<void> {
  await page.waitForTimeout(SETTLE_MS);
  for (const name of ['Response time', 'Request']) {
    await page.getByRole('button', { name }).click();
    await page.waitForTimeout(500);
  }
}

async function filter(page: Page): Promise<void> {
  await page.locator('#filter').pressSequentially('service("shop") { fault }', { delay: 20 });
  await page.keyboard.press('Enter');
}
