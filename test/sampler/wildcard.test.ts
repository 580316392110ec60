import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../src/sampler/wildcard.ts';
import { CASES } from '../support/sampling-cases.ts';

describe('cases of the specification', () => {
  test.for(CASES.wildcard)('$id: $pattern on $text', ({ pattern, text, expected }) => {
    expect(compilePattern(pattern)(text)).toBe(expected);
  });

  test.for(CASES.wildcardPerf)('$id: a hostile pattern on a long text', (row) => {
    const [part, times] = row.text_repeat;
    expect(compilePattern(row.pattern)(part.repeat(times))).toBe(row.expected);
  });
});

test.for([
  { rule: 'the dotted capital I is an i', pattern: 'istanbul', text: 'İSTANBUL', fits: true },
  { rule: 'both small sigmas are one letter', pattern: 'ΟΔΟΣ*', text: 'οδος/1', fits: true },
  { rule: 'umlauts fold', pattern: '*/ÜBER', text: '/a/über', fits: true },
  { rule: 'a text beyond ASCII after the prefix', pattern: '/a*', text: '/A/ü', fits: true },
  {
    rule: 'a question mark takes half an emoji only if it stands alone',
    pattern: '?',
    text: '\ud83d',
    fits: true,
  },
  { rule: 'a line break is a character', pattern: 'a*b', text: 'a\n\nb', fits: true },
])('wildcard: $rule', ({ pattern, text, fits }) => {
  expect(compilePattern(pattern)(text)).toBe(fits);
});

/** The definition, word for word, and as slow as it likes. */
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

test('any pattern fits any text exactly when the slow definition says so', () => {
  fc.assert(
    fc.property(patterns, fc.array(letters, { maxLength: 10 }), (pattern, text) => {
      expect(compilePattern(pattern.join(''))(text.join(''))).toBe(slowly(pattern, text));
    }),
    { numRuns: 3_000 },
  );
});

test('the steps grow with pattern times text and no faster', () => {
  // Counted by the characters a text hands out, so that the machine's speed does not matter.
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
