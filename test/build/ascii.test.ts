import { expect, test } from 'vitest';
import { asciiProgram } from '../../scripts/build/ascii.ts';

test.for([
  { rule: 'a string', value: `'the app’s own'` },
  { rule: 'a template', value: `\`\${1}…\`` },
  { rule: 'a regular expression', value: `String('aİb'.replace(/[İı]/, '-'))` },
  { rule: 'characters outside the BMP', value: `'𝄞'.replace(/^[𝄞]$/u, '𝄢')` },
  { rule: 'a name', value: `((größe) => größe)('ü')` },
])('escapes keep the value: $rule', ({ value }) => {
  const padding = `/* ${'-'.repeat(10_000)} */`;
  const program = asciiProgram(`${padding}${value}`);
  expect(program).toMatch(/^[\0-\x7f]*$/);
  expect(evaluate(program)).toBe(evaluate(value));
});

test('a table of characters is not changed', () => {
  const table = `const LETTERS = '${'ªµºÀ'.repeat(100)}';`;
  expect(asciiProgram(table)).toBe(table);
});

function evaluate(code: string): unknown {
  return new Function(`return (${code});`)();
}
