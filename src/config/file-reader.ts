import type { Setting } from './setting.ts';
import type { SETTINGS, SomeSettings } from './settings.ts';

/**
 * What the configuration-file reader needs to know about our settings. It is an argument and not an
 * import, so that the build can put the reader into a chunk that shares no code with the start.
 */
export interface SettingsTable {
  readonly settings: typeof SETTINGS;
  /** Describes the default of a setting, for messages about invalid values. */
  readonly describeDefault: (setting: Setting<unknown>) => string;
}

/** The settings that a declarative configuration file contains. */
export interface FileSettings {
  /** A key whose value is `undefined` belongs to the file too: the setting has its default. */
  readonly values: SomeSettings;
  /** Environment variables that the file asks for, although it has its own place for the setting. */
  readonly honoredVariables: readonly string[];
  /** One line for each part of the file that is invalid or not supported. */
  readonly problems: readonly string[];
}

/**
 * Reads a declarative configuration file.
 *
 * @param env for the references to environment variables in the file
 * @throws {Error} if the file cannot be read or is invalid as a whole; the message is one line
 */
export type ReadConfigFile = (
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  table: SettingsTable,
) => FileSettings;
