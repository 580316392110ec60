import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { HTML_STYLE } from '../../src/local/export/html-style.ts';

const PAGE = readFileSync(join(root, 'src/local/page/styles/base.css'), 'utf8');

/** Returns the colors that a list of declarations sets, by name. */
function colorsIn(declarations: string): Readonly<Record<string, string>> {
  const pairs = declarations.matchAll(/(--[\w-]+):(#\w+)/g);
  return Object.fromEntries([...pairs].map(([, name = '', color = '']) => [name, color]));
}

test('an exported page has the colors of the page, in light and dark', () => {
  const [, light = '', dark = ''] =
    /:root\{(.*?)\}\s*@media \(prefers-color-scheme:dark\)\{:root\{(.*?)\}\}/s.exec(HTML_STYLE) ??
    [];
  const inDark = colorsIn(dark);
  const exported = Object.entries(colorsIn(light)).map(
    ([name, color]) => `${name}: light-dark(${color}, ${inDark[name]});`,
  );
  expect(exported).toHaveLength(Object.keys(inDark).length);
  expect(exported).toContain('--bg: light-dark(#f5f6f8, #0f141a);');
  expect(exported.filter((declaration) => !PAGE.includes(declaration))).toEqual([]);
});
