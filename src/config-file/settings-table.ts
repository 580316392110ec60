import type { Setting } from '../config/setting.ts';
import type { SETTINGS } from '../config/settings.ts';

/**
 * What the reader of files is told of our settings. It imports none of it, so that the build makes
 * a chunk of the reader that shares nothing with the start.
 */
export interface SettingsTable {
  readonly settings: typeof SETTINGS;
  /** What is used in place of a value that is not understood. */
  readonly describeDefault: (setting: Setting<unknown>) => string;
}
