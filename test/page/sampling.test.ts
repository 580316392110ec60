import { describe, expect, test } from 'vitest';
import type { LocalXRay } from '../../src/local/index.ts';
import { hasChromium, useSite } from './support/browser.ts';
import { feed, post } from './support/feed.ts';
import { shopTrace } from './support/shop.ts';

interface Rule {
  readonly RuleName: string;
  readonly FixedRate: number;
  readonly ReservoirSize: number;
  readonly URLPath: string;
  readonly Attributes: object;
}

async function rules(xray: LocalXRay): Promise<readonly Rule[]> {
  const reply = (await post(xray, '/GetSamplingRules', {})) as {
    SamplingRuleRecords: readonly { readonly SamplingRule: Rule }[];
  };
  return reply.SamplingRuleRecords.map(({ SamplingRule }) => SamplingRule);
}

describe.runIf(hasChromium())('the sampling page', () => {
  const { start, visit } = useSite();

  test('a rule is created, changed and deleted, and clients receive it', async () => {
    const xray = await start();
    const { page, complaints } = await visit(xray, '#/sampling');
    await page.getByText('New rule').click();
    await page.getByLabel('Name', { exact: true }).fill('checkout <b>');
    await page.getByLabel('Rate, percent').fill('12.5');
    await page.getByLabel('URL path').fill('/checkout');
    await page.getByLabel('Attributes').fill('tier=gold');
    await page.getByText('Create', { exact: true }).click();
    const row = page.locator('.rules tbody tr', { hasText: 'checkout <b>' });
    await row.waitFor();
    expect((await row.innerText()).split(/\s{2,}|\t|\n/)).toContain('12.5%');
    expect((await rules(xray))[0]).toMatchObject({
      RuleName: 'checkout <b>',
      FixedRate: 0.125,
      URLPath: '/checkout',
      Attributes: { tier: 'gold' },
    });

    await row.getByText('Edit').click();
    await page.getByLabel('Reservoir').fill('7');
    await page.getByText('Save').click();
    await row.getByText('7/s').waitFor();
    expect((await rules(xray))[0]).toMatchObject({ ReservoirSize: 7, FixedRate: 0.125 });

    await row.getByText('Edit').click();
    await page.getByText('Delete').click();
    await row.waitFor({ state: 'detached' });
    expect((await rules(xray)).map(({ RuleName }) => RuleName)).toEqual(['Default']);
    expect(complaints).toEqual([]);
  });

  test('only rate and reservoir of Default can be edited', async () => {
    const xray = await start();
    const { page } = await visit(xray, '#/sampling?rule=Default');
    await page.getByText('Edit Default').waitFor();
    expect(await page.locator('.rule-form input').count()).toBe(2);
    await page.getByLabel('Rate, percent').fill('5');
    await page.keyboard.press('Enter');
    await page.locator('.rules').getByText('5%', { exact: true }).waitFor();
    expect(await rules(xray)).toMatchObject([{ RuleName: 'Default', FixedRate: 0.05 }]);
  });

  test('errors of the service are shown', async () => {
    const xray = await start();
    const { page } = await visit(xray, '#/sampling');
    await page.getByText('New rule').click();
    await page.getByLabel('Name', { exact: true }).fill('Default');
    await page.getByText('Create', { exact: true }).click();
    expect(await page.locator('.rule-form [role=alert]').innerText()).toContain('Default');
  });

  test('reports of clients appear live, and requests show their sampling rule', async () => {
    const xray = await start();
    const { page } = await visit(xray, '#/sampling');
    await page.getByText('No client has reported').waitFor();
    await post(xray, '/SamplingTargets', {
      SamplingStatisticsDocuments: [
        {
          RuleName: 'Default',
          ClientID: 'a1b2c3d4e5f6a7b8c9d0e1f2',
          Timestamp: Date.now() / 1000,
          RequestCount: 1_200,
          SampledCount: 60,
          BorrowCount: 3,
        },
      ],
    });
    await page.getByText('a1b2c3d4e5f6a7b8c9d0e1f2').waitFor();
    expect(await page.locator('.rules tbody .num').allInnerTexts()).toEqual([
      '10000',
      '1/s',
      '100%',
      '1,200',
      '60 5%',
      '3',
    ]);
    await feed(xray, shopTrace({ number: 2, start: Date.now() / 1000 }));
    await page.locator('.decisions tbody tr').waitFor();
    expect(await page.locator('.decisions tbody td').nth(1).innerText()).toBe('Default');
  });
});
