/** Writes the tables of docs/settings.md; run `npm run settings-table` after you change a setting. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DOCUMENTS } from '../src/config/settings/documents.ts';
import { EXPORT } from '../src/config/settings/export.ts';
import { INSTRUMENTATION } from '../src/config/settings/instrumentation.ts';
import { LIMITS } from '../src/config/settings/limits.ts';
import { SAMPLING } from '../src/config/settings/sampling.ts';
import { SERVICE } from '../src/config/settings/service.ts';
import type { Setting } from '../src/config/settings.ts';

export const SETTINGS_PAGE: string = join(import.meta.dirname, '../docs/settings.md');

const GROUPS: Readonly<Record<string, object>> = {
  'Service and logging': SERVICE,
  Export: EXPORT,
  Sampling: SAMPLING,
  'Instrumentation and propagation': INSTRUMENTATION,
  'Segment documents': DOCUMENTS,
  'Span limits': LIMITS,
};

const START = '<!-- settings: written by npm run settings-table -->';
const END = '<!-- /settings -->';

/**
 * Returns the page with its tables replaced by those of the current settings.
 *
 * @throws {Error} when the page lacks the markers
 */
export function withSettingsTables(page: string): string {
  const from = page.indexOf(START) + START.length;
  const to = page.indexOf(END);
  if (from < START.length || to < from) throw new Error('the page has no markers for the tables');
  const groups = Object.entries(GROUPS).map(
    ([title, rows]) => `## ${title}\n\n${table(rows as Record<string, Setting<unknown>>)}`,
  );
  return `${page.slice(0, from)}\n\n${groups.join('\n\n')}\n\n${page.slice(to)}`;
}

function table(settings: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.entries(settings).map(([name, row]) =>
    [
      Object.keys(row.env)
        .map((variable) => `\`${variable}\``)
        .join(', '),
      `\`${name}\``,
      row.description.replaceAll(/docs\/([\w-]+\.md)/g, '[docs/$1]($1)'),
      row.defaultLabel ?? shown(row.fallback),
    ].join(' | '),
  );
  return [
    '| variable | option | description | default |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function shown(fallback: unknown): string {
  if (fallback === undefined) return '';
  return Array.isArray(fallback) ? fallback.join(',') : String(fallback);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(SETTINGS_PAGE, withSettingsTables(readFileSync(SETTINGS_PAGE, 'utf8')));
}
