import { describe, expect, onTestFinished, test } from 'vitest';
import { startService } from '../../examples/shop/services.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { hasChromium, useSite } from './support/browser.ts';
import { post } from './support/feed.ts';

const ENV = {
  OTEL_TRACES_SAMPLER: 'always_on',
  OTEL_XRAY_ANNOTATIONS: 'product.id,http.route=route',
  AWS_XRAY_COLLECT_SQL_QUERIES: '1',
};

describe.runIf(hasChromium())('the demo shop', () => {
  const { start, visit } = useSite();

  test('requests appear one by one, with both services', async () => {
    const xray = await start();
    const { page, complaints } = await visit(xray);
    const { daemonAddress } = xray;
    const stock = await startService({
      file: 'stock.cjs',
      serviceName: 'stock',
      daemonAddress,
      env: ENV,
    });
    onTestFinished(() => stock.stop());
    const env = { ...ENV, STOCK_URL: stock.url };
    const shop = await startService({ file: 'front.mjs', serviceName: 'shop', daemonAddress, env });
    onTestFinished(() => shop.stop());

    const row = (text: string) => page.locator('.trace-table .grid-body .row', { hasText: text });
    for (const [path, status] of [
      ['/products/1', 'OK'],
      ['/products/9', 'Error'],
      ['/order', 'Throttle'],
      ['/checkout', 'Fault'],
      ['/report', 'OK'],
    ] as const) {
      await (await fetch(`${shop.url}${path}`)).arrayBuffer();
      await row(`GET ${path}`).getByText(status, { exact: true }).waitFor();
    }

    await row('GET /checkout').click();
    await page.locator('.timeline .bar').first().waitFor();
    const failed = xray.traces('fault').flatMap(({ documents }) => documents.map(thrower));
    await page
      .locator('.timeline .name')
      .getByText(failed.find(Boolean) ?? '', { exact: true })
      .first()
      .click();
    await page.getByRole('tab', { name: /Exceptions/ }).click();
    await page.locator('.exception .stack li').first().waitFor();
    await page.goBack();

    // A slow trace, the services that took part, and a file of it for somebody else.
    const services = '.timeline .row.top .name';
    await row('GET /report').click();
    await page.locator(services, { hasText: 'stock' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByText('Download JSON').click();
    const other = await start();
    const { page: others } = await visit(other);
    const file = (await (await download).path()) ?? '';
    await others.getByLabel('File of traces').setInputFiles(file);
    await others.locator('.trace-table .grid-body .row').getByText('GET /report').click();
    await others.locator(services, { hasText: 'stock' }).waitFor();
    await page.goto(`${xray.url}/#/traces`);

    await row('GET /products/1').click();
    await page.locator('.timeline .row.top .name', { hasText: 'stock' }).waitFor();
    expect(await page.locator('.timeline .row.top .name').allInnerTexts()).toEqual([
      'shop',
      'stock',
    ]);
    await page.locator('.node', { hasText: /^stock/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('follows a sampling rule that is changed on the page', async () => {
    const xray = await start({ defaultRate: 0 });
    await post(xray, '/UpdateSamplingRule', {
      SamplingRuleUpdate: { RuleName: 'Default', ReservoirSize: 0 },
    });
    const shop = await startService({
      file: 'front.mjs',
      serviceName: 'shop',
      daemonAddress: xray.daemonAddress,
      env: {
        OTEL_TRACES_SAMPLER: 'xray',
        OTEL_TRACES_SAMPLER_ARG: `endpoint=${xray.url},polling_interval=10`,
      },
    });
    onTestFinished(() => shop.stop());
    const ask = async (query: string) =>
      (await fetch(`${shop.url}/products/9?${query}`)).arrayBuffer();
    const { page } = await visit(xray, '#/sampling?rule=Default');
    // An app has the rules once it reports; before that it uses its fallback.
    const reported = page.getByRole('region', { name: 'Clients that report' });
    while (!(await reported.isVisible())) await ask('at=first');
    await page.getByLabel('Rate, percent').fill('100');
    await page.getByText('Save').click();
    await page.locator('.rules').getByText('100%', { exact: true }).waitFor();
    const taken = page.locator('.decisions tbody tr', { hasText: 'at=last' }).first();
    while (!(await taken.isVisible())) await ask('at=last');
    expect(await taken.locator('td').nth(1).innerText()).toBe('Default');
  }, 300_000);
});

/** Name of the segment or subsegment that the exception is written on. */
function thrower({ name, cause, subsegments }: SegmentDocument): string | undefined {
  if (typeof cause === 'object') return name;
  return subsegments?.map(thrower).find((found) => found !== undefined);
}
