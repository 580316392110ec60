import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../src/sampler/wildcard.ts';
import { CASES } from '../support/sampling-cases.ts';

describe('cases of the specification', () => {
  test.for(CASES.wildcard)('$id: $pattern on $text', ({ pattern, text, expected }) => {
    expect(compilePattern(pattern)(text)).toBe(expected);
  });

  test.for(CASES.wildcardPerf)('$id: an expensive pattern on a long text', (row) => {
    const [part, times] = row.text_repeat;
    expect(compilePattern(row.pattern)(part.repeat(times))).toBe(row.expected);
  });
});

test.for([
  { rule: 'the dotted capital I equals i', pattern: 'istanbul', text: 'İSTANBUL', fits: true },
  { rule: 'both lower-case sigmas are equal', pattern: 'ΟΔΟΣ*', text: 'οδος/1', fits: true },
  { rule: 'umlauts are case-insensitive', pattern: '*/ÜBER', text: '/a/über', fits: true },
  { rule: 'non-ASCII text after the prefix', pattern: '/a*', text: '/A/ü', fits: true },
  {
    rule: 'a question mark matches half of a surrogate pair only if it is unpaired',
    pattern: '?',
    text: '\ud83d',
    fits: true,
  },
  { rule: 'a line break is a character', pattern: 'a*b', text: 'a\n\nb', fits: true },
])('wildcard: $rule', ({ pattern, text, fits }) => {
  expect(compilePattern(pattern)(text)).toBe(fits);
});

/** A slow reference implementation of the definition. */
function slowly(pattern: readonly string[], text: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return text.length === 0;
  if (head === '*') {
    return text.some((_, at) => slowly(rest, text.slice(at))) || slowly(rest, []);
  }
  const [first, ...others] = text;
  if (first === undefined) return false;
  return (head === '?' || head.toLowerCase() === first.toLowerCase()) && slowly(rest, others);
}

const letters = fc.constantFrom('a', 'B', 'A', 'b', '/', '.', 'é', 'É', '😀', '\n');
const patterns = fc.array(fc.oneof(letters, fc.constantFrom('*', '?')), { maxLength: 8 });

test('any pattern gives the same result as the reference implementation', () => {
  fc.assert(
    fc.property(patterns, fc.array(letters, { maxLength: 10 }), (pattern, text) => {
      expect(compilePattern(pattern.join(''))(text.join(''))).toBe(slowly(pattern, text));
    }),
    { numRuns: 3_000 },
  );
});

test('the number of steps is bounded by pattern length times text length', () => {
  // Counts the characters that are read, so that the speed of the machine has no effect.
  const steps = (size: number): number => {
    let reads = 0;
    const counted = (text: string): string =>
      new Proxy(new String(text), {
        get(target, key) {
          const value = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (key === 'charCodeAt' || key === 'codePointAt') reads += 1;
            const result: unknown = value.apply(target, args);
            return key === 'toLowerCase' ? counted(String(result)) : result;
          };
        },
      }) as unknown as string;
    compilePattern('*a*a*a*a*b')(counted('a'.repeat(size)));
    return reads;
  };
  expect(steps(400)).toBeLessThan(400 * 10 * 2);
  expect(steps(800) / steps(400)).toBeLessThan(2.2);
});
