import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutLiterals } from '../../../src/translator/values/sql-text.ts';

test.for([
  ['', "SELECT 'a', N'b', x'0F', 12, 3.5e-3, .5, 0xFF, 1_000", 'SELECT ?, ?, ?, ?, ?, ?, ?, ?'],
  ['', "SELECT 'it''s' FROM t1 WHERE c2 = -5", 'SELECT ? FROM t1 WHERE c2 = -?'],
  ['', 'WHERE a=$1 AND b=:id AND c=? AND d=@p1', 'WHERE a=$1 AND b=:id AND c=? AND d=@p1'],
  ['', 'VALUES (NULL, TRUE, false)', 'VALUES (NULL, TRUE, false)'],
  ['', "WHERE a = 'not closed", 'WHERE a = ?'],
  [
    '',
    "SELECT 1 -- don't\nFROM t /* it's */ LIMIT 2",
    "SELECT ? -- don't\nFROM t /* it's */ LIMIT ?",
  ],
  ['', 'SELECT "Col 1" FROM größe2', 'SELECT "Col 1" FROM größe2'],
  ['postgresql', "SELECT E'a\\'b', 'C:\\', $$x'y$$, $t$z$t$", 'SELECT ?, ?, ?, ?'],
  ['postgresql', "SELECT a::int, b->>'k', c[1] # 2", 'SELECT a::int, b->>?, c[?] # ?'],
  ['mysql', `SELECT 'a\\'b', "c\\"d", \`e'f\` # don't\n, 1`, "SELECT ?, ?, `e'f` # don't\n, ?"],
  ['microsoft.sql_server', "SELECT [it's 1], N'a'", "SELECT [it's 1], ?"],
  ['sqlite', "SELECT [a 1], 'b'", 'SELECT [a 1], ?'],
] as const)('literals of %s: %s', ([system, text, shown]) => {
  expect(withoutLiterals(text, system)).toBe(shown);
});

const secret = fc.string({
  unit: fc.constantFrom(...`'"\\$;-/*#()[]{}\`? \n`.split(''), ...'bcdfghjkmnpqrstvwxyz'.split('')),
  maxLength: 20,
});
const doubled = (quote: string) => (text: string) =>
  quote + text.replaceAll(quote, quote + quote) + quote;
const escaped = (quote: string) => (text: string) =>
  quote + text.replace(/[\\'"]/g, '\\$&') + quote;

test.for([
  ['postgresql', doubled("'")],
  ['postgresql', (text: string) => `E${escaped("'")(text)}`],
  ['postgresql', (text: string) => `$t0$${text}$t0$`],
  ['mysql', escaped("'")],
  ['mysql', escaped('"')],
  ['mariadb', (text: string) => doubled("'")(text.replaceAll('\\', '\\\\'))],
  ['microsoft.sql_server', (text: string) => `N${doubled("'")(text)}`],
  ['sqlite', doubled("'")],
  ['oracle.db', doubled("'")],
] as const)('no string literal of %s is kept: %s', ([system, quote]) => {
  fc.assert(
    fc.property(secret, secret, (one, other) => {
      const text = `UPDATE users SET name = ${quote(one)}, age = 7 WHERE id = ${quote(other)} LIMIT 1`;
      expect(withoutLiterals(text, system)).toBe(
        'UPDATE users SET name = ?, age = ? WHERE id = ? LIMIT ?',
      );
    }),
  );
});

test('one megabyte of quotes is handled fast', () => {
  expect(withoutLiterals("'\\".repeat(500_000), 'mysql')).toBe('?');
});
