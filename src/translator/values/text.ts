/** Truncates to `max` UTF-16 code units, never inside a surrogate pair. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}

/** Truncates to `max` code points. */
export function truncateCodePoints(text: string, max: number): string {
  if (text.length <= max) return text;
  let units = 0;
  for (let points = 0; points < max && units < text.length; points += 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, units);
}

/** Returns whether a text has only ASCII characters. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/**
 * Returns a function that creates a pattern at its first call. V8 expands `\p{L}` of a literal into its
 * hundreds of ranges when it loads the file, which takes as long as 10 KB of code.
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}

/** Returns whether a text has only white space. */
export function isBlank(text: string): boolean {
  // Nearly every text starts with a visible ASCII character.
  const first = text.charCodeAt(0);
  return !(first > 0x20 && first < 0x7f) && text.trim() === '';
}

/** Returns whether a value is not absent and not blank text. */
export function isPresent(value: unknown): boolean {
  return typeof value === 'string' ? !isBlank(value) : value !== undefined && value !== null;
}

/** Returns the text of a scalar; `undefined` for blank text and other values. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return isBlank(value) ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  return undefined;
}

/** Returns a whole number, which may also be decimal text (B-02). */
export function integerOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value === 'string' && /^\s*-?\d{1,15}\s*$/.test(value)) return Number(value);
  if (typeof value === 'bigint') return integerOf(Number(value));
  return undefined;
}

/**
 * Returns a function that caches its results: names and hosts repeat from span to span.
 *
 * @param maxEntries number of results at which the cache is cleared
 * @param maxLength longer texts are not cached, because they rarely repeat
 */
export function memoize<T>(
  compute: (text: string) => T,
  maxEntries: number = 1_000,
  maxLength: number = 1_000,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = compute(text);
    if (text.length > maxLength) return value;
    if (known.size >= maxEntries) known.clear();
    known.set(text, value);
    return value;
  };
}

/** Returns the percent-decoded text; the text itself if the encoding is invalid. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
