/**
 * Readers of environment values. Each throws a `TypeError` that says what it expected; the caller
 * names the variable, quotes the text and keeps the fallback.
 */

/** Only `true`, in any case, is true (OpenTelemetry specification). */
export function parseBoolean(text: string): boolean {
  const value = text.toLowerCase();
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new TypeError('expected true or false');
}

/** A whole number from `min` up. */
export function parseWhole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < min) {
      throw new TypeError(`expected a whole number from ${min}`);
    }
    return value;
  };
}

/** A number above zero, e.g. seconds. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new TypeError('expected a number above 0');
  return value;
}

/** Split at commas, trimmed, without empty items. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * Names of HTTP headers, in small letters.
 *
 * @throws {TypeError} on a pattern, which Python's distribution takes: a name is compared whole here
 */
export function parseHeaderNames(text: string): readonly string[] {
  return parseList(text).map((name) => {
    if (!/^[!#$%&'+^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new TypeError('expected names of headers, without patterns');
    }
    return name.toLowerCase();
  });
}

/** `all`, `none`, or a list of names. */
export function parseAllNoneOrList(text: string): 'all' | 'none' | readonly string[] {
  const word = text.toLowerCase();
  return word === 'all' || word === 'none' ? word : parseList(text);
}

export function parseText(text: string): string {
  return text;
}

/** One of the names, in any case; gives the name as listed. */
export function parseOneOf<const T extends string>(...names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw new TypeError(`expected one of ${names.join(', ')}`);
    return found;
  };
}

/** A list of the given names. */
export function parseListOf<const T extends string>(
  ...names: readonly T[]
): (text: string) => readonly T[] {
  const one = parseOneOf(...names);
  return (text) => [...new Set(parseList(text).map(one))];
}
