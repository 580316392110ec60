import { textOf } from '../attempt.ts';

/** Larger metadata does not fit into a segment document of 64 KB in a useful form. */
const MAX_VALUES = 5_000;
const MAX_TEXT = 60_000;

/**
 * Returns the JSON text of any value at the time of the call.
 *
 * Values without a JSON form are converted: an error to its name, message and stack, a `Map` to an
 * object, a `Set` to an array, a bigint to its digits, a circular reference to `[Circular]`. A value
 * with more than 5,000 parts or 60,000 characters is replaced by a text with the reason.
 *
 * @returns `undefined` for values that JSON omits (`undefined`, functions, symbols)
 */
export function jsonText(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value, plainValues());
    if (text === undefined || text.length <= MAX_TEXT) return text;
    return JSON.stringify(`[omitted: ${text.length} characters]`);
  } catch (error) {
    return JSON.stringify(`[omitted: ${textOf(error)}]`);
  }
}

/** Returns a replacer that tracks the enclosing objects and counts the values. */
function plainValues(): (this: unknown, key: string, value: unknown) => unknown {
  const inside: { readonly value: object; readonly plain: object }[] = [];
  let count = 0;
  return function replace(this: unknown, _key: string, value: unknown): unknown {
    count += 1;
    if (count > MAX_VALUES) throw new RangeError(`more than ${MAX_VALUES} values`);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    // JSON.stringify passes the holder as `this`; objects below the holder are complete.
    while (inside.length > 0 && inside.at(-1)?.plain !== this) inside.pop();
    if (inside.some((outer) => outer.value === value)) return '[Circular]';
    const plain = plainObject(value);
    inside.push({ value, plain });
    return plain;
  };
}

function plainObject(value: object): object {
  if (value instanceof Error) return { ...value, ...errorFields(value) };
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, entry]) => [String(key), entry]));
  }
  return value instanceof Set ? [...value] : value;
}

function errorFields({ name, message, stack, cause }: Error): Record<string, unknown> {
  return { name, message, stack, cause };
}
