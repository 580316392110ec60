import { readFileSync } from 'node:fs';
import type { Download, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { LocalXRay } from '../../src/local/index.ts';
import { hasChromium, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { consumerOf, marketTrace } from './support/market.ts';
import { entityId, traceIdOf } from './support/shop.ts';

const START = 1_763_600_000;
const ROWS = '.trace-table .grid-body .row';
/** An order that fails. */
const FAILED = 8;

function market(count: number): readonly object[] {
  return Array.from({ length: count }, (_, number) => number).flatMap((number) =>
    marketTrace({ number, start: START + number }),
  );
}

function filterOf(page: Page): string | null {
  return new URLSearchParams(page.url().split('?')[1]).get('filter');
}

async function saved(download: Promise<Download>): Promise<{ name: string; file: string }> {
  const done = await download;
  return { name: done.suggestedFilename(), file: await done.path() };
}

describe.runIf(hasChromium())('exploring', () => {
  const { start, visit } = useSite();

  async function filled(count = 60): Promise<LocalXRay> {
    const xray = await start();
    await feed(xray, market(count));
    return xray;
  }

  test('a newcomer finds the slow trace and its root cause, and exports it', async () => {
    const xray = await start();
    const { page, complaints } = await visit(xray);
    await page.getByText('Waiting for the first trace').waitFor();
    await feed(xray, market(60));
    await page.locator(ROWS).first().waitFor();

    await page.getByRole('button', { name: 'Response time' }).click();
    await page.getByRole('columnheader', { name: 'Response time', exact: false }).waitFor();
    const slowest = page.locator(ROWS).first();
    await slowest.getByText('POST /orders').waitFor();
    await slowest.click();

    const spent = page.locator('.time-spent');
    await spent.getByText('Most of the time').waitFor();
    const culprit = spent.locator('p a').first();
    expect(await culprit.innerText()).toBe('risk check (payments)');
    await culprit.click();
    await page.locator('.detail h2').getByText('risk check').waitFor();

    const download = page.waitForEvent('download');
    await page.getByText('Download HTML').click();
    const { name, file } = await saved(download);
    expect(name).toMatch(/^trace-1-[0-9a-f]{8}-[0-9a-f]{24}\.html$/);
    const alone = await page.context().newPage();
    const requests: string[] = [];
    alone.on('request', (request) => requests.push(request.url()));
    await alone.setContent(readFileSync(file, 'utf8'));
    await alone.locator('summary', { hasText: 'risk check' }).click();
    await alone.locator('details[open] pre', { hasText: '"name": "risk check"' }).waitFor();
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('columns sort the list, and the order is in the address', async () => {
    const xray = await filled(30);
    const { page } = await visit(xray);
    await page.locator(ROWS).first().waitFor();
    const head = page.getByRole('columnheader', { name: 'Code' });
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator(`${ROWS} .c-code`).first().innerText()).toBe('500');
    await head.getByRole('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(page.url()).toContain('sort=code');
    await page.reload();
    await page.locator(ROWS).first().waitFor();
    expect(await page.locator(`${ROWS} .c-code`).first().innerText()).toBe('–');
  });

  test('values are added to the filter, or excluded, by mouse', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/traces?filter=ok');
    await page.locator(ROWS).first().waitFor();
    const all = xray.traces();
    await page.evaluate(
      `location.hash = '#/trace/${traceIdOf(3)}?at=${entityId(3, 0)}&tab=annotations'`,
    );
    await page.getByLabel('Exclude traces with this tier').click();
    await page.locator(ROWS).first().waitFor();
    expect(filterOf(page)).toBe('ok AND !(annotation[tier] = "gold")');
    const kept = xray.traces('ok AND !(annotation[tier] = "gold")').length;
    expect(kept).toBeLessThan(all.length);
    await page.getByText(`${kept} traces`, { exact: true }).first().waitFor();

    await page.evaluate(`location.hash = '#/trace/${traceIdOf(3)}?at=${entityId(3, 0)}'`);
    await page.getByLabel('Show traces with this Name').click();
    await page.locator(ROWS).first().waitFor();
    expect(filterOf(page)).toBe(
      'ok AND !(annotation[tier] = "gold") AND service(id(name: "web", type: "AWS::ECS::Fargate"))',
    );
  });

  test('a filter is saved as a group, used, and deleted', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/traces?filter=fault');
    await page.getByText('Save as group').click();
    await page.getByLabel('Name of the group').fill('broken');
    await page.keyboard.press('Enter');
    const chip = page.locator('.chips a', { hasText: 'broken' });
    await chip.waitFor();
    expect(filterOf(page)).toBe('group.name = "broken"');
    const faults = xray.traces('fault').length;
    await page.getByText(`${faults} traces`, { exact: true }).first().waitFor();
    const groups = await fetch(`${xray.url}/Groups`, { method: 'POST', body: '{}' });
    expect(JSON.stringify(await groups.json())).toContain('"FilterExpression":"fault"');
    await page.getByText('Delete group').click();
    await chip.waitFor({ state: 'detached' });
    expect(filterOf(page)).toBe('fault');
  });

  test('a search finds parts of a trace, in folded lines, too', async () => {
    const xray = await filled(10);
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    const group = page.locator('.timeline .row', { hasText: '×6' });
    await group.waitFor();
    await page.getByLabel('Search this trace').fill('hget');
    await page.getByText('6 matches').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('1 of 6').waitFor();
    await page.keyboard.press('Shift+Enter');
    await page.getByText('6 of 6').waitFor();
    expect(await page.locator('.timeline .row.found.active').count()).toBe(1);
    await page.getByLabel('Search this trace').press('Escape');
    await group.waitFor();
  });

  test('repeated calls are opened and closed by keyboard', async () => {
    const xray = await filled(10);
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    const group = page.locator('.timeline .row', { hasText: '×6' });
    await group.click();
    const rows = page.locator('.timeline .grid-body .row');
    const before = await rows.count();
    await page.locator('.timeline').focus();
    await page.keyboard.press('Enter');
    await rows.nth(before + 5).waitFor();
    expect(await group.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await rows.nth(before).waitFor({ state: 'detached' });
  });

  test('the critical path can be hidden', async () => {
    const xray = await filled(10);
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    await page.locator('.critical').first().waitFor();
    await page.getByLabel('Critical path').uncheck();
    await page.locator('.critical').first().waitFor({ state: 'detached' });
  });

  test('sender and receiver of a message are one click apart, both ways', async () => {
    const xray = await filled(10);
    const { page } = await visit(xray, `#/trace/${traceIdOf(3)}`);
    const linked = page.locator('.linked li');
    await linked.getByText('Linked from').waitFor();
    await linked.getByRole('link', { name: 'mailer' }).click();
    await linked.getByText('Links to').waitFor();
    expect(page.url()).toContain(traceIdOf(consumerOf(3)));
    await linked.getByRole('link', { name: 'web' }).click();
    await linked.getByText('Linked from').waitFor();
    expect(page.url()).toContain(traceIdOf(3));
  });

  test('link, documents and curl command are copied to the clipboard', async () => {
    const xray = await filled(10);
    const { page } = await visit(
      xray,
      `#/trace/${traceIdOf(FAILED)}?at=${entityId(FAILED, 0)}&tab=overview`,
      { permissions: ['clipboard-read', 'clipboard-write'] },
    );
    const copied = async (label: string): Promise<string> => {
      const button = page.getByRole('button', { name: label });
      await button.click();
      await button.getByText('Copied').waitFor();
      return page.evaluate<string>('navigator.clipboard.readText()');
    };
    expect(await copied('Copy link')).toBe(page.url());
    expect(await copied('Copy as curl')).toBe('curl --request POST https://market.example/orders');
    const documents = JSON.parse(await copied('Copy JSON')) as readonly { name: string }[];
    expect(documents.map(({ name }) => name)).toContain('payments');
    await page.getByText('Root cause').click();
    await page.locator('.exception h3', { hasText: 'PaymentDeclined' }).waitFor();
    expect(page.url()).toContain('tab=exceptions');
  });

  test('traces of a filter are exported, and opened by another page', async () => {
    const xray = await filled();
    const { page } = await visit(xray, '#/traces?filter=fault');
    await page.locator(ROWS).first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByText('Export', { exact: true }).click();
    const { name, file } = await saved(download);
    expect(name).toBe('traces.json');

    const other = await start();
    const { page: empty, complaints } = await visit(other);
    await empty.getByLabel('File of traces').setInputFiles(file);
    await empty.locator(ROWS).first().waitFor();
    expect(
      other
        .traces()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(
      xray
        .traces('fault')
        .map(({ id }) => id)
        .sort(),
    );
    await empty.getByLabel('File of traces').setInputFiles({
      name: 'x.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"a":1}'),
    });
    await empty.getByText('x.json: the file holds no segment documents').waitFor();
    expect(complaints).toEqual([]);
  });
});
