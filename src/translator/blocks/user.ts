import { type AttributeReader, names } from '../context/attributes.ts';
import { LIMITS } from '../limits.ts';
import { textOf } from '../values/text.ts';

const NAMES = { user: names('user.id', 'enduser.id') } as const;

/**
 * Returns the `user` of a document (docs/spec/translation.md section 8.1, B-42); numbers become
 * text.
 */
export function userOf(reader: AttributeReader): string | undefined {
  // Numbers are rare; a text is always shown in the same way.
  if (reader.countPresent(NAMES.user) === 1 && reader.hasText(NAMES.user)) {
    return reader.takeMapped(NAMES.user, LIMITS.short, 'user', textOf);
  }
  for (const source of NAMES.user) {
    const value = reader.valueOf(source);
    const user = textOf(value);
    if (user === undefined) continue;
    reader.consumeEqual(NAMES.user, value);
    return reader.truncate(user, LIMITS.short, 'user');
  }
  return undefined;
}
