import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterError } from '../../src/local/filter/error.ts';
import { matches } from '../../src/local/filter/matches.ts';
import {
  type GroupLookup,
  parseEntitySelector,
  parseFilter,
} from '../../src/local/filter/parse.ts';
import { indexTrace } from '../../src/local/filter/trace-index.ts';
import type { JsonObject } from '../../src/local/json.ts';
import { assemble } from '../../src/local/trace/assemble.ts';
import { specText } from '../support/fixtures.ts';

interface FilterCases {
  readonly groups: readonly {
    readonly name: string;
    readonly arn: string;
    readonly expression: string;
  }[];
  readonly fixtures: Readonly<Record<string, readonly JsonObject[]>>;
  readonly cases: readonly {
    readonly section: string;
    readonly expression: string;
    readonly match?: readonly string[];
    readonly errorAt?: number;
  }[];
}

const CASES: FilterCases = JSON.parse(specText('filter-cases.json'));

const groups: GroupLookup = (by, value) =>
  CASES.groups.find((group) => group[by] === value)?.expression;

const FACTS = Object.entries(CASES.fixtures).map(([name, documents]) => {
  const records = documents.map((record, seq) => ({ record, seq }));
  // What the store does: the later document of an id stays, unless it is less complete.
  const kept = records.filter(
    ({ record }, index) =>
      !records.some(
        (other) =>
          other.record['id'] === record['id'] &&
          (record['in_progress'] === true) >= (other.record['in_progress'] === true) &&
          (record['in_progress'] !== other.record['in_progress'] || other.seq > index),
      ),
  );
  return { name, facts: indexTrace(assemble(String(documents[0]?.['trace_id']), kept)) };
});

function matching(expression: string): readonly string[] {
  const parsed = parseFilter(expression, groups);
  return FACTS.filter(({ facts }) => matches(parsed, facts)).map(({ name }) => name);
}

function refusal(parse: () => unknown): FilterError {
  try {
    parse();
  } catch (error) {
    return error as FilterError;
  }
  throw new Error('not refused');
}

describe('the cases of the filter language', () => {
  test.for(CASES.cases.filter(({ match }) => match))(
    '$section: $expression',
    ({ expression, match }) => {
      expect(matching(expression)).toEqual(match);
    },
  );

  test.for(CASES.cases.filter(({ errorAt }) => errorAt !== undefined))(
    'refused: $expression',
    ({ expression, errorAt }) => {
      const error = refusal(() => parseFilter(expression, groups));
      expect(error).toBeInstanceOf(FilterError);
      expect(error.offset).toBe(errorAt);
      expect(error.message).toContain(
        `Error Location: line 1, position ${(errorAt as number) + 1} : `,
      );
    },
  );
});

test("the error message has X-Ray's format and a reason", () => {
  expect(refusal(() => parseFilter('duration < ')).message).toBe(
    "Error Location: line 1, position 12 : Invalid input symbol: 'duration < ' (expected a number, but the expression ends here)",
  );
});

test.for([
  ['annotation.a.b = 1', 'write a key with dots as annotation[a.b]'],
  ['user = alice', 'expected a string; strings need double quotes'],
  [
    'edge { annotation.a = 1 }',
    'not a keyword of an edge block: annotation; use source.annotation or destination.annotation',
  ],
  [`${'('.repeat(101)}ok${')'.repeat(101)}`, 'nested deeper than 100 levels'],
  [`${'!'.repeat(101)}ok`, 'nested deeper than 100 levels'],
  [`ok ${' '.repeat(8_200)}`, 'longer than 8192 characters'],
] as const)('refused with a hint: %s', ([expression, reason]) => {
  expect(refusal(() => parseFilter(expression)).reason).toBe(reason);
});

test.for(['service("a")', 'edge("a", id(type: "b"))', 'id(name: "a", type: "b")'])(
  'an entity selector may be %s',
  (expression) => {
    expect(parseEntitySelector(expression)).toMatchObject({ block: undefined });
  },
);

test.for([
  ['service("a") { fault }', 13],
  ['fault', 0],
  ['service("a") AND service("b")', 13],
  ['', 0],
] as const)('no entity selector: %s', ([expression, offset]) => {
  expect(refusal(() => parseEntitySelector(expression)).offset).toBe(offset);
});

const WORDS = [
  'ok',
  'fault',
  'responsetime',
  'http.url',
  'user',
  'annotation',
  'annotation.a',
  'annotation[a.b]',
  'service',
  'service("a")',
  'edge',
  'edge("a","b")',
  'id(name: "a")',
  'group.name',
  'rootcause.fault',
  'rootcause.fault.entity',
  'rootcause.json',
  '#[{}]',
  '#{',
  'AND',
  'OR',
  '!',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '=',
  '!=',
  '<',
  '>=',
  'CONTAINS',
  '"x"',
  '"',
  '1',
  '-2.5e3',
  'true',
  ',',
  ':',
  '.',
  '\\',
  'é',
  '\n',
];

test('random expressions either match or throw FilterError with an offset', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...WORDS), { maxLength: 14 }),
      fc.string(),
      (words, tail) => {
        const text = `${words.join(' ')}${tail}`;
        let outcome: unknown;
        try {
          outcome = FACTS.every(
            ({ facts }) => typeof matches(parseFilter(text, groups), facts) === 'boolean',
          );
        } catch (error) {
          outcome =
            error instanceof FilterError && error.offset >= 0 && error.offset <= text.length;
        }
        expect(outcome).toBe(true);
      },
    ),
    { numRuns: 3_000 },
  );
});
