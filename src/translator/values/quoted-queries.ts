import { withoutLiterals } from './sql-text.ts';

/** What of a query text is recorded. */
export interface QueryRules {
  readonly recordSqlQuery: boolean;
  readonly recordSqlLiterals: boolean;
}

/** Drizzle: the query, then its parameters. */
const FAILED_QUERY = /^(Failed query: )(.*?)\nparams: .*$/s;

/** knex puts the query before the message of the database: `select * from "a" - no such table`. */
const STATEMENT = new RegExp(
  `^\\s*(?:${[
    'select\\s+(?:[*\'"`(\\d]|.*?\\bfrom\\b)',
    '(?:insert|replace|merge)\\s+(?:\\w+\\s+)?into\\b',
    'update\\s.*?\\sset\\b',
    'delete\\s+from\\b',
    'with\\s.*?\\bas\\s*\\(',
    '(?:create|alter|drop|truncate)\\s+(?:\\w+\\s+)?(?:table|index|view|schema|database|type|user|role)\\b',
    'call\\s+\\S+\\(',
  ].join('|')})`,
  'is',
);

/** The rest of the query, as MySQL and MariaDB quote it in a syntax error. */
const REST_OF_QUERY = /(for the right syntax to use near ').*(' at line \d+)/s;

/** A literal, as PostgreSQL and SQLite quote it in a syntax error. A parameter is `$1`. */
const QUOTED_LITERAL = /(\bnear ")(?:[a-z&]{0,2}'|\$(?!\d+")|\d).*(")(?=$|: syntax error)/is;

/** A value of a GraphQL request, also in a list of errors as JSON. */
const GRAPHQL_VALUE =
  /(cannot represent [\w -]{1,40} value: |Expected value of type \\?"[^"\\]{1,80}\\?", found |got invalid value )(?:(?!","locations").)+/gs;

/**
 * Returns the message of an exception without the query texts that it quotes, or without their
 * literals if query texts are recorded.
 *
 * Values that the database itself quotes, such as `Duplicate entry 'a'`, stay.
 *
 * @param system `db.system.name` of the span, in lower case
 * @see docs/spec/translation.md section 4.3, B-57
 */
export function withoutQuotedQueries(
  message: string,
  rules: QueryRules,
  system: string | undefined,
): string {
  if (rules.recordSqlQuery && rules.recordSqlLiterals) return message;
  const drizzle = message.startsWith('Failed query: ') ? FAILED_QUERY.exec(message) : null;
  if (drizzle !== null) return `${drizzle[1]}${shownQuery(drizzle[2] as string, rules, system)}`;
  // V8 compiles a pattern when it is first used, which the first response of a Lambda function waits for.
  let text = message;
  if (text.includes("'")) text = text.replace(REST_OF_QUERY, '$1…$2');
  if (text.includes('"')) text = text.replace(QUOTED_LITERAL, '$1…$2');
  if (text.includes(' value')) text = text.replace(GRAPHQL_VALUE, '$1…');
  const end = text.lastIndexOf(' - ');
  if (end === -1 || !STATEMENT.test(text)) return text;
  return shownQuery(text.slice(0, end), rules, system) + text.slice(end);
}

/** An app's exception does not name the system, whose dialect decides where a literal ends. */
function shownQuery(query: string, rules: QueryRules, system: string | undefined): string {
  if (!rules.recordSqlQuery) return '…';
  if (system !== undefined) return withoutLiterals(query, system);
  if (query.includes('\\')) return '…';
  return withoutLiterals(query, query.includes('`') ? 'mysql' : undefined);
}
