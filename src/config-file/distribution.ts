import type { SettingsTable } from '../config/file-reader.ts';
import type { Setting } from '../config/setting.ts';
import type { SomeSettings } from '../config/settings.ts';
import { readSetting } from './read-setting.ts';
import type { Section } from './section.ts';

/** Reads `distribution: { otel-xray: … }`. Other distributions are ignored. */
export function distributionSettings(root: Section, table: SettingsTable): SomeSettings {
  const distributions = root.section('distribution');
  for (const name of distributions?.keys ?? [])
    if (name !== 'otel-xray') distributions?.value(name);
  const ours = distributions?.section('otel-xray');
  if (ours === undefined) return {};
  const own = ownSettings(table);
  return Object.fromEntries(
    ours.keys.flatMap((key) => {
      const [name, row] = own.get(key) ?? [];
      const value = row && readSetting(ours, key, row, table);
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

type Row = readonly [name: string, row: Setting<unknown>];

/**
 * Returns the settings without a field in the schema, by their option name in `start()` in snake
 * case.
 */
function ownSettings({ settings }: SettingsTable): ReadonlyMap<string, Row> {
  const rows = Object.entries(settings as Readonly<Record<string, Setting<unknown>>>);
  return new Map(
    rows
      .filter(([, { env, filePaths }]) => filePaths === undefined && Object.keys(env).length > 0)
      .filter(([name]) => name !== 'configFile')
      .map((row) => [snakeCase(row[0]), row]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
