import { readFileSync } from 'node:fs';
import { type FileSettings, settingsFromFile } from './settings-from-file.ts';
import type { SettingsTable } from './settings-table.ts';
import { readYaml } from './yaml.ts';

export type { FileSettings } from './settings-from-file.ts';

/**
 * Reads a file of OpenTelemetry's declarative configuration.
 *
 * @param env for the references to variables in it
 * @param known our settings
 * @throws {Error} when it cannot be read or used as a whole; the message is one line
 */
export function settingsOfFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  known: SettingsTable,
): FileSettings {
  return settingsFromFile(readYaml(readFileSync(path, 'utf8'), env), known);
}
