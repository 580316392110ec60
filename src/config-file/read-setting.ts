import type { SettingsTable } from '../config/file-reader.ts';
import type { Setting } from '../config/setting.ts';
import { quoted, type Section } from './section.ts';

/**
 * Parses the value of a key like the environment variable of the setting, with the same messages.
 * A list is equivalent to a comma-separated string. Booleans are used as is for boolean settings.
 *
 * @returns `undefined` if the key is absent or its value is invalid; an invalid value is reported
 */
export function readSetting<T>(
  section: Section,
  key: string,
  setting: Setting<T>,
  { describeDefault }: SettingsTable,
): T | undefined {
  const value = section.value(key);
  if (value === undefined) return undefined;
  if (typeof value === 'boolean' && typeof setting.fallback === 'boolean') return value as T;
  try {
    return parsed(textOf(value), setting);
  } catch (error) {
    section.warn(
      `${section.at(key)}: ${quoted(value)}: ${(error as Error).message}; ` +
        `using ${describeDefault(setting)}`,
    );
    return undefined;
  }
}

function parsed<T>(text: string, { env }: Setting<T>): T | undefined {
  const [parse] = Object.values(env);
  return text === '' ? undefined : parse?.(text);
}

function textOf(value: unknown): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.some((item) => typeof item === 'object')) {
    throw new TypeError('expected a string, a number, or a list of them');
  }
  return items.map((item) => String(item).trim()).join(',');
}
