import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutQuotedQueries } from '../../../src/translator/values/quoted-queries.ts';

const NONE = { recordSqlQuery: false, recordSqlLiterals: false };
const TEXTS = { recordSqlQuery: true, recordSqlLiterals: false };
const ALL = { recordSqlQuery: true, recordSqlLiterals: true };

const NEAR =
  'You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near';

/** A message, what is left of it without query texts, and with query texts without literals. */
const QUOTED: readonly (readonly [string, string, string])[] = [
  [
    "select * from `nope` where `n` = 'a\\'b' - Table 'x.nope' doesn't exist",
    "… - Table 'x.nope' doesn't exist",
    "… - Table 'x.nope' doesn't exist",
  ],
  [
    "select * from `nope` where `n` = 'ab' - Table 'x.nope' doesn't exist",
    "… - Table 'x.nope' doesn't exist",
    "select * from `nope` where `n` = ? - Table 'x.nope' doesn't exist",
  ],
  [
    'insert into "a" ("n") values (\'x - y\') - duplicate key',
    '… - duplicate key',
    'insert into "a" ("n") values (?) - duplicate key',
  ],
  [
    'with "a" as (select 1) delete from "b" - no such table: b',
    '… - no such table: b',
    'with "a" as (select ?) delete from "b" - no such table: b',
  ],
  [
    "update a\nset b = 'c' - no such column: b",
    '… - no such column: b',
    'update a\nset b = ? - no such column: b',
  ],
  ["select 'c' - x", '… - x', 'select ? - x'],
  [
    "Failed query: select * from a where b = $1 and c = 'd'\nparams: secret\nmore",
    'Failed query: …',
    'Failed query: select * from a where b = $1 and c = ?',
  ],
  [`${NEAR} 'frm a where n='secret'' at line 1`, `${NEAR} '…' at line 1`, `${NEAR} '…' at line 1`],
  [
    `select 1 frm a where b = 'c - d' - ER_PARSE_ERROR: ${NEAR} 'a where b = 'c - d'' at line 2`,
    `… - ER_PARSE_ERROR: ${NEAR} '…' at line 2`,
    `select ? frm a where b = ? - ER_PARSE_ERROR: ${NEAR} '…' at line 2`,
  ],
  [
    'syntax error at or near "\'secret\'"',
    'syntax error at or near "…"',
    'syntax error at or near "…"',
  ],
  [
    'Variable "$n" got invalid value "secret"; Int cannot represent non-integer value: "secret"',
    'Variable "$n" got invalid value …',
    'Variable "$n" got invalid value …',
  ],
  [
    '[{"message":"Int cannot represent non-integer value: \\"secret\\"","locations":[{"line":1}]}]',
    '[{"message":"Int cannot represent non-integer value: …","locations":[{"line":1}]}]',
    '[{"message":"Int cannot represent non-integer value: …","locations":[{"line":1}]}]',
  ],
  [
    'Expected value of type "Int!", found "secret".',
    'Expected value of type "Int!", found …',
    'Expected value of type "Int!", found …',
  ],
  ['near "\'secret\'": syntax error', 'near "…": syntax error', 'near "…": syntax error'],
];

test.each(QUOTED)('%j', (message, withoutQuery, withQuery) => {
  const shown = [NONE, TEXTS, ALL].map((rules) => withoutQuotedQueries(message, rules, undefined));
  expect(shown).toEqual([withoutQuery, withQuery, message]);
});

test.each([
  'Select a file - none is selected',
  'Update failed - try again later',
  'Delete order 5 - not allowed',
  'insert coin - game over',
  'Create account: done - with errors',
  "Duplicate entry 'a' for key 'b'",
  'syntax error at or near "selectt"',
  'syntax error at or near "$1"',
  'relation "nope" does not exist',
  'With regards - the team',
])('%j quotes no query', (message) => {
  expect(withoutQuotedQueries(message, NONE, undefined)).toBe(message);
});

test('a literal that is bound to a query is nowhere in the message of its error', () => {
  const quoted = (text: string, quote: string): string =>
    `'${text.replaceAll("'", quote).replaceAll('\\', '\\\\')}'`;
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (noise, isMySql) => {
      const literal = quoted(`${noise}s3cr3t`, isMySql ? "\\'" : "''");
      const name = isMySql ? '`a`' : '"a"';
      const message = `select * from ${name} where b = ${literal} - failed`;
      for (const rules of [NONE, TEXTS])
        expect(withoutQuotedQueries(message, rules, undefined)).not.toContain('s3cr3t');
    }),
  );
});
