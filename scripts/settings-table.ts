/** Writes the environment table into README.md; `npm run settings-table` after a change of `SETTINGS`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SETTINGS, type Setting } from '../src/config/settings.ts';

export const README: string = join(import.meta.dirname, '../README.md');

const START = '<!-- settings -->';
const END = '<!-- /settings -->';

/** The README's text with the table of today. */
export function withSettingsTable(readme: string): string {
  const from = readme.indexOf(START) + START.length;
  const to = readme.indexOf(END);
  if (from < START.length || to < from) throw new Error('README.md has no place for the table');
  return `${readme.slice(0, from)}\n${settingsTable()}\n${readme.slice(to)}`;
}

function settingsTable(): string {
  const rows = Object.entries(SETTINGS as Record<string, Setting<unknown>>).map(([name, row]) =>
    [
      Object.keys(row.env)
        .map((variable) => `\`${variable}\``)
        .join(', '),
      `\`${name}\``,
      row.about,
      row.shown ?? shown(row.fallback),
    ].join(' | '),
  );
  return [
    '| variable | option | what it does | default |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function shown(fallback: unknown): string {
  if (fallback === undefined) return '';
  return Array.isArray(fallback) ? fallback.join(',') : String(fallback);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(README, withSettingsTable(readFileSync(README, 'utf8')));
}
