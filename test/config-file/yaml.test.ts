// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the tests contain variable references

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { substitute } from '../../src/config-file/substitute.ts';
import { readYaml } from '../../src/config-file/yaml.ts';

/** The example of the specification's section "Environment variable substitution". */
const ENV = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  INVALID_MAP_VALUE: 'value\nkey:value',
  DO_NOT_REPLACE_ME: 'Never use this value',
  REPLACE_ME: '${DO_NOT_REPLACE_ME}',
  VALUE_WITH_ESCAPE: 'value$$',
  EMPTY: '',
};

test.for([
  { yaml: '${STRING_VALUE}', value: 'value' },
  { yaml: '${env:STRING_VALUE}', value: 'value' },
  { yaml: '${BOOL_VALUE}', value: true },
  { yaml: '${INT_VALUE}', value: 1 },
  { yaml: '${FLOAT_VALUE}', value: 1.1 },
  { yaml: '${HEX_VALUE}', value: 3735928559 },
  { yaml: '"${STRING_VALUE}"', value: 'value' },
  { yaml: '"${BOOL_VALUE}"', value: 'true' },
  { yaml: "'${INT_VALUE}'", value: '1' },
  { yaml: 'foo ${STRING_VALUE} ${FLOAT_VALUE}', value: 'foo value 1.1' },
  { yaml: '${UNDEFINED_KEY}', value: null },
  { yaml: '${EMPTY}', value: null },
  { yaml: '"${UNDEFINED_KEY}"', value: '' },
  { yaml: '${UNDEFINED_KEY:-fallback}', value: 'fallback' },
  { yaml: '${EMPTY:-fallback}', value: 'fallback' },
  { yaml: '${UNDEFINED_KEY:-7}', value: 7 },
  { yaml: '${UNDEFINED_KEY:-}', value: null },
  { yaml: '${INVALID_MAP_VALUE}', value: 'value\nkey:value' },
  { yaml: '${REPLACE_ME}', value: '${DO_NOT_REPLACE_ME}' },
  { yaml: '${VALUE_WITH_ESCAPE}', value: 'value$$' },
  { yaml: '${UNDEFINED_KEY:-${STRING_VALUE}}', value: '${STRING_VALUE}' },
  { yaml: '$${STRING_VALUE}', value: '${STRING_VALUE}' },
  { yaml: '$$${STRING_VALUE}', value: '$value' },
  { yaml: '$$$${STRING_VALUE}', value: '$${STRING_VALUE}' },
  { yaml: 'a $$ b', value: 'a $ b' },
  { yaml: 'a $ b', value: 'a $ b' },
  { yaml: '"price: 5$"', value: 'price: 5$' },
  { yaml: '[ "${STRING_VALUE}", "${INT_VALUE}" ]', value: ['value', '1'] },
])('$yaml is read as $value', ({ yaml, value }) => {
  expect(readYaml(`key: ${yaml}`, ENV)).toEqual({ key: value });
});

test('keys are not substituted; comments and block scalars are supported', () => {
  const text = '${STRING_VALUE}: # ${ONE} {\n  - |\n    ${INT_VALUE}\n';
  expect(readYaml(text, ENV)).toEqual({ '${STRING_VALUE}': ['1\n'] });
});

test('JSON is supported', () => {
  expect(readYaml('{"a": {"b": ["${STRING_VALUE}", 1, null]}}', ENV)).toEqual({
    a: { b: ['value', 1, null] },
  });
});

test.for([
  {
    rule: 'an unsupported reference',
    text: 'a: ${STRING_VALUE:?error}',
    says: '${STRING_VALUE:?error} is not',
  },
  {
    rule: 'a name that begins with a digit',
    text: 'a: ${1A}',
    says: '${1A} is not a valid variable reference',
  },
  {
    rule: 'another prefix',
    text: 'a: ${file:x}',
    says: '${file:x} is not a valid variable reference',
  },
  {
    rule: 'a default, which may be a secret, of an invalid name',
    text: 'a: ${1A:-secret}',
    says: /^\$\{1A:-…\} is not a valid variable reference$/,
  },
  {
    rule: 'text that does not belong there',
    text: 'a: |secret\n  x',
    says: /^line 1: Block scalar header includes extra characters$/,
  },
  { rule: 'an empty reference', text: 'a: ${}', says: '${} is not a valid variable reference' },
  { rule: 'invalid YAML', text: 'a: 1\nb: [', says: 'line 2: ' },
  { rule: 'a duplicate key', text: 'a: 1\na: 2', says: 'line 2: Map keys must be unique' },
  { rule: 'aliases that expand exponentially', text: `a: &a [x]\n${bomb()}`, says: 'alias' },
])('rejected: $rule', ({ text, says }) => {
  expect(() => readYaml(text, ENV)).toThrow(says);
});

/** Each line contains the previous one nine times. */
function bomb(): string {
  return [...'abcdefgh']
    .slice(1)
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]`)
    .join('\n');
}

test('text without a dollar sign is not changed', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('$'));
      expect(substitute(text, ENV)).toBe(text);
    }),
  );
});

test('text with doubled dollar signs is never substituted', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(substitute(text.replaceAll('$', '$$$$'), ENV)).toBe(text);
    }),
  );
});
