import type { Setting } from '../config/setting.ts';
import type { Known } from './known.ts';
import { type Section, shown } from './section.ts';

/**
 * The value of a key, read as the setting's variable would be: one meaning, one set of messages.
 * Lists stand for texts with commas; `true` and `false` are what they are where the setting is a
 * switch.
 *
 * @returns `undefined` when the key is absent, or was not understood, which is said
 */
export function settle<T>(
  section: Section,
  key: string,
  setting: Setting<T>,
  { instead }: Known,
): T | undefined {
  const value = section.value(key);
  if (value === undefined) return undefined;
  if (typeof value === 'boolean' && typeof setting.fallback === 'boolean') return value as T;
  try {
    return settled(textOf(value), setting);
  } catch (error) {
    section.say(
      `${section.at(key)}: ${shown(value)} is not used: ${(error as Error).message}; ` +
        `${instead(setting)} is used instead`,
    );
    return undefined;
  }
}

function settled<T>(text: string, { env }: Setting<T>): T | undefined {
  const [parse] = Object.values(env);
  return text === '' ? undefined : parse?.(text);
}

function textOf(value: unknown): string {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.some((item) => typeof item === 'object')) {
    throw new TypeError('expected a text, a number, or a list of them');
  }
  return items.map((item) => String(item).trim()).join(',');
}
