/** Answers whether a whole text fits a pattern. */
export type Matcher = (text: string) => boolean;

const STAR = 42;
const QUESTION = 63;

/**
 * Compiles a pattern of a sampling rule: `*` is any run of characters, `?` is exactly one
 * character (code point), everything else is itself in any case. The whole text must fit.
 *
 * The time is bounded by pattern length × text length for any input, since a stranger chooses the
 * text; patterns without inner wildcards take one pass and allocate nothing for ASCII text.
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

/** Whether a pattern consists of stars alone: only such a pattern fits a value that is missing. */
export function matchesEverything(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i += 1) if (pattern.charCodeAt(i) !== STAR) return false;
  return pattern !== '';
}

const always: Matcher = () => true;

/**
 * One form for both cases, of the same length as the text: the dotted capital I, whose small form
 * is two characters, becomes a plain i, and the two small sigmas of Greek are one letter.
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

/** Compares at one place, folding ASCII as it goes; a text with other characters is folded whole. */
function sameAt(folded: string, text: string, start: number): boolean {
  for (let i = 0; i < folded.length; i += 1) {
    const code = text.charCodeAt(start + i);
    if (code > 127) return fold(text).startsWith(folded, start);
    if ((code >= 65 && code <= 90 ? code | 32 : code) !== folded.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Goes through both texts once; after a mismatch it returns to the last `*` and lets it take one
 * character more. Earlier stars never need a second try, so there is one saved place only.
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
