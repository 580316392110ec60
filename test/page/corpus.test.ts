import { describe, expect, test } from 'vitest';
import { readTraceRequest } from '../../src/otlp/read.ts';
import { toDocuments } from '../../src/translator/index.ts';
import { recordings } from '../support/fixtures.ts';
import { hasChromium, isWiderThanWindow, useSite } from './support/browser.ts';
import { feed } from './support/feed.ts';

/** The documents of the spans of each recording of current instrumentations. */
function recordedDocuments(): readonly {
  readonly file: string;
  readonly documents: readonly object[];
}[] {
  return recordings()
    .filter(({ name }) => !name.startsWith('legacy-'))
    .map(({ file, lines }) => ({
      file,
      documents: lines()
        .flatMap((line) => readTraceRequest(line))
        .flatMap((span) => toDocuments(span, { onDrop: () => {}, onWarning: () => {} })),
    }));
}

describe.runIf(hasChromium())('recorded spans', () => {
  const { start, visit } = useSite();

  test('of every instrumentation are listed, mapped and shown', async () => {
    const xray = await start();
    const recorded = recordedDocuments();
    await feed(
      xray,
      recorded.flatMap(({ documents }) => documents),
    );
    const all = xray.traces();
    const { page, complaints } = await visit(xray, '#/traces');
    await page
      .locator('.tally')
      .getByText(`${all.length.toLocaleString('en-US')} traces`)
      .waitFor();
    await page.evaluate("location.hash = '#/map'");
    await page.locator('.map-page .node').first().waitFor();
    expect(await isWiderThanWindow(page)).toBe(false);
    for (const { file, documents } of recorded) {
      const largest = all
        .filter(({ documents: own }) =>
          own.some(({ id }) => documents.some((each) => (each as { id: string }).id === id)),
        )
        .sort((a, b) => b.documents.length - a.documents.length)[0];
      const root =
        largest?.documents.find(({ type }) => type === undefined) ?? largest?.documents[0];
      await page.evaluate(
        `location.hash = ${JSON.stringify(`#/trace/${largest?.id}?at=${root?.id}&tab=raw`)}`,
      );
      await page.locator('.trace-header .id', { hasText: largest?.id ?? file }).waitFor();
      await page.locator('.tab-panel pre', { hasText: `"id": "${root?.id}"` }).waitFor();
      expect({ file, wide: await isWiderThanWindow(page) }).toEqual({ file, wide: false });
    }
    expect(complaints).toEqual([]);
  });
});
