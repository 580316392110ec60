import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasChromium, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';
import { entityId, shopTrace, traceIdOf } from './support/shop.ts';

const FAULT = 8;
const START = 1_763_600_000;
const FAULT_LINK = `#/trace/${traceIdOf(FAULT)}`;
const shop = (number: number): readonly object[] => shopTrace({ number, start: START + number });

const NAMES: Readonly<Record<number, string>> = {
  0: 'shop',
  3: 'DynamoDB',
  9: 'warehouse@db.local',
};

/** Expected texts of some tabs for some segments and subsegments. */
const TABS: readonly {
  readonly tab: string;
  readonly part: number;
  readonly shows: readonly string[];
}[] = [
  {
    tab: 'overview',
    part: 0,
    shows: ['AWS::ECS::Fargate', 'POST', 'as a separate document', 'user-1'],
  },
  { tab: 'overview', part: 9, shows: [`nested in the document of ${entityId(FAULT, 8)}`] },
  { tab: 'resources', part: 0, shows: ['shop-7d9f', '0.1.0', 'Default', '/ecs/shop', '2.3.1'] },
  { tab: 'resources', part: 3, shows: ['PutItem', 'Orders', 'eu-central-1', 'K3M0V7QD'] },
  { tab: 'annotations', part: 0, shows: ['product.id', 'X-Ray indexes annotations'] },
  { tab: 'metadata', part: 0, shows: ['"total": 59.9', 'does not index it'] },
  { tab: 'raw', part: 3, shows: ['"table_name": "Orders"', 'As received'] },
  { tab: 'sql', part: 0, shows: ['No SQL call.'] },
];

describe.runIf(hasChromium())('the page of a trace', () => {
  const { start, visit } = useSite();

  test('the keyboard leads from the list to an exception, and back', async () => {
    const xray = await start();
    await feed(xray, [6, 7, FAULT].flatMap(shop));
    const { page, complaints } = await visit(xray, '#/traces?filter=fault');
    await page.locator('.trace-table .grid-body .row').first().waitFor();
    await tabTo(page, 'Traces, newest first');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.timeline').waitFor();
    expect(page.url()).toBe(`${xray.url}/${FAULT_LINK}`);

    await tabTo(page, 'Timeline of segments');
    for (const key of ['ArrowDown', 'End', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
    await page.locator('.detail h2').getByText('charge card').waitFor();
    await page.locator('#tab-overview:focus').waitFor();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    await page.locator('.exception .stack').first().waitFor();
    expect(await page.locator('.exception h3').allInnerTexts()).toEqual([
      'CheckoutError',
      'PaymentDeclined remote',
    ]);
    expect(await page.locator('.stack li').first().innerText()).toBe(
      'checkout /srv/shop/src/checkout.js:42',
    );

    await page.keyboard.press('Escape');
    await page.locator('.detail').waitFor({ state: 'detached' });
    await page.locator('[role=treegrid]:focus').waitFor();
    await page.goBack();
    await page.locator('.trace-table').waitFor();
    expect(await page.locator('#filter').inputValue()).toBe('fault');
    expect(complaints).toEqual([]);
  });

  test('a link to a segment and tab shows the same to another reader', async () => {
    const xray = await start();
    await feed(xray, shop(FAULT));
    const writer = await visit(xray, FAULT_LINK);
    await writer.page.locator('.timeline .row').getByText('warehouse@db.local').click();
    await writer.page.getByRole('tab', { name: 'SQL' }).click();
    const link = writer.page.url().slice(xray.url.length + 1);
    const reader = await visit(xray, link);
    await reader.page.locator('.tab-panel pre').waitFor();
    expect(await reader.page.locator('.tab-panel pre').innerText()).toBe(
      'SELECT id, level, reserved FROM stock_level WHERE product_id = $1 AND region = $2',
    );
    expect(await reader.page.locator('.timeline .row.active .name').innerText()).toBe(
      'warehouse@db.local',
    );
  });

  test('each tab shows its part of the document', async () => {
    const xray = await start();
    await feed(xray, shop(FAULT));
    const { page } = await visit(xray, FAULT_LINK);
    const missing: string[] = [];
    for (const { tab, part, shows } of TABS) {
      const place = `${FAULT_LINK}?at=${entityId(FAULT, part)}&tab=${tab}`;
      await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
      await page.locator(`#tab-${tab}[aria-selected=true]`).waitFor();
      await page
        .locator('.detail h2')
        .getByText(NAMES[part] ?? '')
        .waitFor();
      const text = await page.locator('.tab-panel').innerText();
      missing.push(
        ...shows.filter((each) => !text.includes(each)).map((each) => `${tab}: ${each}`),
      );
    }
    expect(missing).toEqual([]);
  });

  test('rows can be closed and opened, and the trace updates live', async () => {
    const xray = await start();
    const [stock, root] = shop(FAULT);
    await feed(xray, [root as object]);
    const { page } = await visit(xray, FAULT_LINK);
    const names = page.locator('.timeline .name');
    await page.locator('.timeline .bar').first().waitFor();
    expect(await names.count()).toBe(6);
    await feed(xray, [stock as object]);
    await names.getByText('warehouse@db.local').waitFor();
    expect(await names.count()).toBe(8);
    await page.locator('.timeline .row').getByText('stock', { exact: true }).first().click();
    await page.locator('.timeline').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await names.count()).toBe(6);
    await page.keyboard.press('ArrowRight');
    expect(await names.count()).toBe(8);
  });

  test('a missing trace appears when it arrives', async () => {
    const xray = await start();
    const { page } = await visit(xray, FAULT_LINK);
    await page.getByText('No such trace').waitFor();
    await feed(xray, shop(FAULT));
    await page.locator('.timeline .bar').first().waitFor();
  });

  test('log lines of the trace are shown, those of other traces are not', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'otel-xray-logs-')), 'app.log');
    const w3c = traceIdOf(FAULT).slice(2).replace('-', '');
    const lines = [`one ${traceIdOf(FAULT)} <i>x</i>`, `two ${traceIdOf(1)}`, `three ${w3c}`];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const xray = await start({ logFiles: [file] });
    await feed(xray, shop(FAULT));
    const { page } = await visit(xray, FAULT_LINK);
    await page.locator('.log-lines li').first().waitFor();
    expect(await page.locator('.log-lines li').allInnerTexts()).toEqual([lines[0], lines[2]]);
  });

  test('a node of the map leads to its segment, a node of the whole map to its traces', async () => {
    const xray = await start();
    await feed(xray, [0, FAULT].flatMap(shop));
    const { page } = await visit(xray, FAULT_LINK);
    await page.locator('.node', { hasText: /^stock/ }).click();
    await page.locator('.detail h2').getByText('stock').waitFor();
    expect(page.url()).toContain(`at=${entityId(FAULT, 8)}`);

    await page.evaluate("location.hash = '#/map'");
    await page.locator('.node', { hasText: /^shop50% fault/ }).press('Enter');
    const panel = page.locator('.map-panel');
    await panel.getByText('with faults').waitFor();
    expect((await panel.locator('tr').last().innerText()).split(/\s+/)).toEqual([
      'Fault',
      '1',
      '50%',
    ]);
    await panel.getByText('with faults').click();
    await page.getByText('1 trace', { exact: true }).first().waitFor();
    expect(await page.locator('#filter').inputValue()).toBe(
      'service(id(name: "shop", type: "AWS::ECS::Fargate")) { fault }',
    );
  });
});

/** Presses Tab until the element with that label has the focus. */
async function tabTo(page: Page, label: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate<string | null>(
      "document.activeElement.getAttribute('aria-label')",
    );
    if (now === label) return;
  }
  throw new Error(`the Tab key does not lead to ${label}`);
}
