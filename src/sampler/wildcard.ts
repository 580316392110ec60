/** Returns whether a whole text matches a pattern. */
export type Matcher = (text: string) => boolean;

const STAR = 42;
const QUESTION = 63;

/**
 * Compiles a pattern of a sampling rule: `*` matches any sequence of characters, `?` exactly one
 * character (code point), and any other character itself, case-insensitively. The whole text must
 * match.
 *
 * The time is bounded by pattern length × text length for any input, since clients choose the text.
 * Patterns without inner wildcards take one pass and allocate nothing for ASCII text.
 */
export function compilePattern(pattern: string): Matcher {
  const folded = fold(pattern);
  if (matchesEverything(folded)) return always;
  if (!folded.includes('?')) {
    const stars = folded.split('*').length - 1;
    if (stars === 0) return exactly(folded);
    if (stars === 1 && folded.endsWith('*')) return startingWith(folded.slice(0, -1));
    if (stars === 1 && folded.startsWith('*')) return endingWith(folded.slice(1));
  }
  return (text) => matchesPattern(folded, fold(text));
}

/** Returns whether a pattern consists of `*` only. Only such a pattern matches a missing value. */
export function matchesEverything(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i += 1) if (pattern.charCodeAt(i) !== STAR) return false;
  return pattern !== '';
}

const always: Matcher = () => true;

/**
 * Folds the case of a text without changing its length: the dotted capital I, whose lower case has
 * two characters, becomes `i`, and the two lower-case sigmas of Greek become one letter.
 */
function fold(text: string): string {
  const lower = (text.includes('İ') ? text.replaceAll('İ', 'i') : text).toLowerCase();
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}

function exactly(folded: string): Matcher {
  return (text) => text.length === folded.length && sameAt(folded, text, 0);
}

function startingWith(prefix: string): Matcher {
  return (text) => text.length >= prefix.length && sameAt(prefix, text, 0);
}

function endingWith(suffix: string): Matcher {
  return (text) =>
    text.length >= suffix.length && sameAt(suffix, text, text.length - suffix.length);
}

/** Compares at one position and folds ASCII characters. Other texts are folded completely. */
function sameAt(folded: string, text: string, start: number): boolean {
  for (let i = 0; i < folded.length; i += 1) {
    const code = text.charCodeAt(start + i);
    if (code > 127) return fold(text).startsWith(folded, start);
    if ((code >= 65 && code <= 90 ? code | 32 : code) !== folded.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Scans both texts once. After a mismatch it returns to the last `*`, which then matches one more
 * character. Earlier stars never need to be retried, so one saved position is sufficient.
 */
function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    const wanted = p < pattern.length ? pattern.charCodeAt(p) : -1;
    if (wanted === STAR) {
      starAt = p;
      resumeAt = t;
      p += 1;
    } else if (wanted === QUESTION) {
      p += 1;
      t += pointLength(text, t);
    } else if (wanted === text.charCodeAt(t)) {
      p += 1;
      t += 1;
    } else if (starAt >= 0) {
      resumeAt += pointLength(text, resumeAt);
      t = resumeAt;
      p = starAt + 1;
    } else {
      return false;
    }
  }
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p += 1;
  return p === pattern.length;
}

function pointLength(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
