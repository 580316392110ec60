import { describe, expect, test } from 'vitest';
import { hasChromium, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { shopTrace, traceIdOf } from './support/shop.ts';

const START = 1_763_600_000;

/** Traces one second apart; the highest number is the newest. */
function traces(from: number, to: number): readonly object[] {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return numbers.flatMap((number) => shopTrace({ number, start: START + number }));
}

const ROWS = '.trace-table .grid-body .row';

describe.runIf(hasChromium())('the list of traces', () => {
  const { start, visit } = useSite();

  test('shows instructions while it is empty, then the traces that arrive', async () => {
    const xray = await start();
    const { page, complaints } = await visit(xray);
    await page.getByText('Waiting for the first trace').waitFor();
    expect(await page.locator('.command code').innerText()).toBe(
      `AWS_XRAY_DAEMON_ADDRESS=${xray.daemonAddress} node --import otel-xray/register app.js`,
    );
    await feed(xray, traces(0, 1));
    await page.locator(ROWS).first().waitFor();
    expect(await page.locator(ROWS).count()).toBe(1);
    await feed(xray, traces(1, 3));
    await page.locator(ROWS).nth(2).waitFor();
    expect(
      await page
        .locator(`${ROWS} a`)
        .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).hash)),
    ).toEqual([2, 1, 0].map((number) => `#/trace/${traceIdOf(number)}`));
    expect(complaints).toEqual([]);
  });

  test('tokens have a column once a trace has called a model', async () => {
    const xray = await start();
    await feed(xray, traces(0, 2));
    const { page, complaints } = await visit(xray);
    await page.locator(ROWS).nth(1).waitFor();
    const tokens = page.getByRole('columnheader', { name: 'Tokens' });
    expect(await tokens.count()).toBe(0);
    const call = (id: string, input: number) => ({
      id,
      name: 'api.openai.com',
      namespace: 'remote',
      start_time: START + 3,
      end_time: START + 4,
      annotations: { 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': 20 },
    });
    const segment = { trace_id: traceIdOf(9), id: '00000000000000aa', name: 'chat' };
    const subsegments = [call('00000000000000ab', 1_200), call('00000000000000ac', 30)];
    await feed(xray, [{ ...segment, start_time: START + 3, end_time: START + 5, subsegments }]);
    await tokens.waitFor();
    expect(await page.locator(`${ROWS} .c-tokens`).allInnerTexts()).toEqual(['1,270', '–', '–']);
    expect(complaints).toEqual([]);
  });

  test('a trace in progress updates in place when it ends', async () => {
    const xray = await start();
    const open = { trace_id: traceIdOf(1), id: '00000000000000aa', name: 'job', start_time: START };
    await feed(xray, [{ ...open, in_progress: true }]);
    const { page } = await visit(xray);
    await page.locator(ROWS).getByText('In progress').waitFor();
    await feed(xray, [{ ...open, end_time: START + 2 }]);
    await page.locator(ROWS).getByText('OK', { exact: true }).waitFor();
    expect(await page.locator('.c-response-time').last().innerText()).toBe('2 s');
  });

  test('new traces do not move the rows in view', async () => {
    const xray = await start();
    await feed(xray, traces(0, 200));
    const { page } = await visit(xray);
    await page.getByText('200 traces', { exact: true }).first().waitFor();
    await page.locator('.trace-table').evaluate((grid) => {
      grid.scrollTop = 1_700;
    });
    const first = page.locator(`a[href="#/trace/${traceIdOf(149)}"]`);
    await first.waitFor();
    const before = (await first.boundingBox())?.y;
    await feed(xray, traces(200, 230));
    await page.getByText('230 traces', { exact: true }).first().waitFor();
    expect((await first.boundingBox())?.y).toBe(before);
  });

  test('a filter can be written with suggestions by keyboard only, and is in the address', async () => {
    const xray = await start();
    await feed(xray, traces(0, 60));
    const { page } = await visit(xray);
    await page.getByText('60 traces', { exact: true }).first().waitFor();
    await page.locator('#filter').focus();
    await page.keyboard.type('annotation[ti');
    for (const moves of [1, 1, 2]) {
      await page.getByRole('option').first().waitFor();
      for (let i = 0; i < moves; i++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
    }
    expect(await page.locator('#filter').inputValue()).toBe('annotation[tier] = "gold" ');
    await page.keyboard.press('Enter');
    await page.getByText('20 traces', { exact: true }).first().waitFor();
    expect(new URLSearchParams(page.url().split('?')[1]).get('filter')).toBe(
      'annotation[tier] = "gold"',
    );
    await page.goBack();
    await page.getByText('60 traces', { exact: true }).first().waitFor();
    expect(await page.locator('#filter').inputValue()).toBe('');
  });

  test('a filter that X-Ray would refuse is not sent; the reason is shown', async () => {
    const xray = await start();
    await feed(xray, traces(0, 3));
    const { page, complaints } = await visit(xray);
    await page.locator('#filter').fill('duration > "3"');
    await page.keyboard.press('Enter');
    const complaint = page.locator('#filter-problem');
    await complaint.waitFor();
    expect(await complaint.innerText()).toContain('At “"3"”');
    expect(page.url()).toBe(`${xray.url}/`);
    expect(complaints).toEqual([]);
  });

  test.for([
    { form: "X-Ray's form", id: traceIdOf(2) },
    { form: "W3C's form", id: traceIdOf(2).slice(2).replace('-', '') },
  ])('a trace id leads to the trace: $form', async ({ id }) => {
    const xray = await start();
    await feed(xray, traces(0, 3));
    const { page } = await visit(xray);
    await page.locator('#filter').fill(id);
    await page.keyboard.press('Enter');
    await page.locator('.timeline').waitFor();
    expect(page.url()).toBe(`${xray.url}/#/trace/${traceIdOf(2)}`);
  });

  test('10,000 traces: the first rows render at once, all are reachable, few are in the DOM', async () => {
    const xray = await start();
    await feed(
      xray,
      Array.from(
        { length: 10_000 },
        (_, number) => shopTrace({ number, start: START + number }).at(-1) as object,
      ),
    );
    const { page } = await visit(xray);
    await page.evaluate(WATCH);
    const watched = '(async () => { await new Promise(requestAnimationFrame); return watched })()';
    await page.locator(ROWS).first().waitFor();
    const firstRow = await page.evaluate<number>('performance.now()');
    const grid = page.locator('.trace-table');
    for (let top = 0; top < 60_000; top += 1_500) {
      await grid.evaluate((element, to) => {
        element.scrollTop = to;
      }, top);
    }
    await page.getByText('10,000 traces', { exact: true }).first().waitFor();
    expect(await page.locator(ROWS).count()).toBeLessThan(80);
    await grid.focus();
    await page.keyboard.press('End');
    await page.locator(`a[href="#/trace/${traceIdOf(0)}"]`).waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe('10001');
    expect(await page.locator(ROWS).count()).toBeLessThan(80);
    const { longest, paint } = await page.evaluate<{ longest: number; paint: number }>(watched);
    process.stdout.write(
      `10,000 traces: first paint ${Math.round(paint)} ms, first row by ${Math.round(firstRow)} ms, longest task ${Math.round(longest)} ms\n`,
    );
  }, 300_000);
});

/** The longest task of the main thread, and the first paint, in milliseconds. */
const WATCH = `
  var watched = { longest: 0, paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) watched.paint = startTime;
  }).observe({ type: 'paint', buffered: true });
`;
