import { describe, expect, test } from 'vitest';
import { hasChromium, isWiderThanWindow, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { traceIdOf } from './support/shop.ts';

const START = 1_763_600_000;
const SCRIPT = '<img src=x onerror="window.ran=1"><script>window.ran=1</script><svg onload=ran=1>';
const LINK = 'javascript:window.ran=1//';
const RIGHT_TO_LEFT = 'שלום \u202egnp.exe\u202c مرحبا';
const LONG = 'x'.repeat(20_000);
const WORDS = [SCRIPT, LINK, RIGHT_TO_LEFT, '{{7*7}}', '<%= 7*7 %>', '__proto__', LONG];
/** Characters that X-Ray allows in names. */
const NAMES = [
  '=1+1@evil',
  '&lt;b&gt;'.replaceAll(';', ' '),
  '\\u003cscript',
  'שלום',
  'a'.repeat(200),
];

/** A trace in which every text is an attack. */
function attack(): object {
  const stack = WORDS.slice(0, 6).map((word) => ({ path: word, line: 1, label: word }));
  return {
    trace_id: traceIdOf(1),
    id: 'a000000000000001',
    name: NAMES[0],
    start_time: START,
    end_time: START + 1,
    user: SCRIPT,
    origin: SCRIPT,
    http: {
      request: { method: SCRIPT, url: `http://x/${SCRIPT}`, user_agent: SCRIPT },
      response: { status: 500 },
    },
    annotations: { html: SCRIPT, link: LINK, rtl: RIGHT_TO_LEFT },
    metadata: { [SCRIPT]: { [SCRIPT]: WORDS }, __proto__x: { constructor: SCRIPT } },
    aws: { operation: SCRIPT, table_name: SCRIPT, xray: { sampling_rule_name: SCRIPT } },
    links: [{ trace_id: LINK, id: SCRIPT }],
    fault: true,
    cause: {
      working_directory: SCRIPT,
      exceptions: [{ id: 'e000000000000001', type: SCRIPT, message: WORDS.join('\n'), stack }],
    },
    sql: { sanitized_query: `${SCRIPT} ${RIGHT_TO_LEFT}`, url: LINK, user: SCRIPT },
    subsegments: NAMES.map((name, index) => ({
      id: `a0000000000000f${index}`,
      name,
      namespace: 'remote',
      start_time: START + 0.1,
      end_time: START + 0.2,
    })),
  };
}

const TABS = ['overview', 'resources', 'annotations', 'metadata', 'exceptions', 'sql', 'raw'];

describe.runIf(hasChromium())('hostile documents', () => {
  const { start, visit } = useSite();

  test.for([{ width: 380 }, { width: 1600 }])(
    'run no script and break no layout: $width pixels',
    async ({ width }) => {
      const xray = await start();
      await feed(xray, [attack(), JSON.stringify({ id: SCRIPT, name: SCRIPT }), SCRIPT]);
      const { page, complaints } = await visit(xray, '', { viewport: { width, height: 800 } });
      const trace = `#/trace/${traceIdOf(1)}`;
      const places = [
        { hash: '#/traces', shows: '.trace-table .grid-body .row' },
        { hash: `#/traces?filter=${encodeURIComponent(SCRIPT)}`, shows: '#filter-problem' },
        { hash: '#/map', shows: '.map .node' },
        { hash: '#/problems', shows: '.problem' },
        { hash: '#/sampling', shows: '.decisions a' },
        { hash: `#/trace/${encodeURIComponent(SCRIPT)}`, shows: '.notice, .empty' },
        ...TABS.map((tab) => ({
          hash: `${trace}?at=a000000000000001&tab=${tab}`,
          shows: `#tab-${tab}[aria-selected=true]`,
        })),
      ];
      const state = `({
        ran: 'ran' in window,
        markup: document.querySelectorAll('main img, main script, main iframe, main [onerror], main [onload]').length,
        links: [...document.links].filter(({ protocol }) => protocol !== 'http:').length,
      })`;
      for (const { hash, shows } of places) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await page.locator(shows).first().waitFor();
        expect({
          hash,
          ...(await page.evaluate<object>(state)),
          wide: await isWiderThanWindow(page),
        }).toEqual({
          hash,
          ran: false,
          markup: 0,
          links: 0,
          wide: false,
        });
      }
      // X-Ray refuses the filter; the browser logs the response.
      expect(complaints.filter((text) => !text.includes('status of 400'))).toEqual([]);
    },
  );

  test('invisible characters are escaped on the page', async () => {
    const xray = await start();
    await feed(xray, [attack()]);
    const { page } = await visit(
      xray,
      `#/trace/${traceIdOf(1)}?at=a000000000000001&tab=annotations`,
    );
    const cell = page.locator('.tab-panel tr', { hasText: 'rtl' }).locator('td').first();
    expect(await cell.innerText()).toBe('שלום \\u{202e}gnp.exe\\u{202c} مرحبا');
  });

  test('a value of 60 KB is truncated on screen and complete in the clipboard', async () => {
    const xray = await start();
    const value = 'z'.repeat(60_000);
    await feed(xray, [
      {
        trace_id: traceIdOf(2),
        id: 'b000000000000001',
        name: 'big',
        start_time: START,
        end_time: START + 1,
        metadata: { default: { value } },
      },
    ]);
    const { page } = await visit(xray, `#/trace/${traceIdOf(2)}?at=b000000000000001&tab=metadata`);
    const shown = page.locator('.json pre');
    await shown.waitFor();
    expect((await shown.innerText()).length).toBe(20_000);
    await page.getByText('Show all').click();
    await page.getByText('Show less').waitFor();
    expect(await shown.innerText()).toContain(value);
    expect(await isWiderThanWindow(page)).toBe(false);
  });

  test('5,000 subsegments, 200 levels deep: few rows in the DOM, every one reachable', async () => {
    const xray = await start();
    const documents: object[] = [
      { trace_id: traceIdOf(3), id: id(0), name: 'root', start_time: START, end_time: START + 10 },
    ];
    for (let i = 1; i <= 5_000; i++) {
      documents.push({
        trace_id: traceIdOf(3),
        id: id(i),
        parent_id: id(i <= 200 ? i - 1 : 0),
        type: 'subsegment',
        name: `step ${i}`,
        start_time: START + i / 1_000,
        end_time: START + 9,
      });
    }
    await feed(xray, documents);
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    await page.locator('.timeline .bar').first().waitFor();
    await page.locator('.timeline').focus();
    await page.keyboard.press('End');
    await page.locator('.detail h2').getByText('step 5000', { exact: true }).waitFor();
    expect(await page.locator('.timeline .grid-body .row').count()).toBeLessThan(80);
    expect(await page.locator('.timeline').getAttribute('aria-rowcount')).toBe('5002');
    expect(await isWiderThanWindow(page)).toBe(false);
  });
});

function id(number: number): string {
  return `c${number.toString(16).padStart(15, '0')}`;
}
