/**
 * Parsers of environment variables. Each throws a `TypeError` that says what it expected; the caller
 * adds the variable and its text, and falls back to the default.
 */

/** Parses `true` or `false` in upper or lower case, as OpenTelemetry specifies. */
export function parseBoolean(text: string): boolean {
  const value = text.toLowerCase();
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new TypeError('expected true or false');
}

const CONTENT_IN_SPANS: Readonly<Record<string, boolean>> = {
  true: true,
  span_only: true,
  span_and_event: true,
  false: false,
  event_only: false,
  no_content: false,
};

/**
 * Parses whether spans contain prompts and answers: `true` or `false`, as OpenTelemetry for Node.js
 * has it, or a word of OpenTelemetry for Python, such as `SPAN_ONLY`.
 */
export function parseMessageContent(text: string): boolean {
  const name = text.toLowerCase();
  if (Object.hasOwn(CONTENT_IN_SPANS, name)) return CONTENT_IN_SPANS[name] as boolean;
  throw new TypeError('expected true or false');
}

/** Returns a parser of whole numbers of at least `min`. */
export function parseWhole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < min) {
      throw new TypeError(`expected a whole number from ${min}`);
    }
    return value;
  };
}

/** Parses a number above zero. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new TypeError('expected a number above 0');
  return value;
}

/** Parses a comma-separated list. Trims items and drops empty ones. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * Parses a list of HTTP header names; returns them in lower case.
 *
 * @throws {TypeError} for a pattern, which only OpenTelemetry for Python supports
 */
export function parseHeaderNames(text: string): readonly string[] {
  return parseList(text).map((name) => {
    if (!/^[!#$%&'+^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new TypeError('expected header names without patterns');
    }
    return name.toLowerCase();
  });
}

/** Parses `all`, `none`, or a list of names. */
export function parseAllNoneOrList(text: string): 'all' | 'none' | readonly string[] {
  const word = text.toLowerCase();
  return word === 'all' || word === 'none' ? word : parseList(text);
}

export function parseText(text: string): string {
  return text;
}

/** Returns a parser for one of the names, in upper or lower case. */
export function parseOneOf<const T extends string>(...names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw new TypeError(`expected one of ${names.join(', ')}`);
    return found;
  };
}

/** Returns a parser for a list of the given names. */
export function parseListOf<const T extends string>(
  ...names: readonly T[]
): (text: string) => readonly T[] {
  const one = parseOneOf(...names);
  return (text) => [...new Set(parseList(text).map(one))];
}
