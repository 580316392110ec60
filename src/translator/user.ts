import { type AttributeReader, from } from './attributes.ts';
import { LIMITS } from './limits.ts';
import { textOf } from './text.ts';

const NAMES = { user: from('user.id', 'enduser.id') } as const;

/** The `user` of a document (section 8.1, B-42); numbers become text. */
export function userOf(reader: AttributeReader): string | undefined {
  const value = reader.peek(NAMES.user);
  const user = textOf(value);
  if (user === undefined) return undefined;
  reader.use(NAMES.user, value);
  return reader.cut(user, LIMITS.short, NAMES.user);
}
