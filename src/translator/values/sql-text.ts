import { isAscii, lazyPattern } from './text.ts';

/** Differences between SQL dialects that affect where literals start. */
interface Dialect {
  /** A backslash in a string escapes the next character. */
  readonly escapes: boolean;
  /** Double quotes enclose strings, not names. */
  readonly doubleQuotedText: boolean;
  /** `#` starts a comment. */
  readonly hashComments: boolean;
  /** Square brackets enclose names. */
  readonly bracketedNames: boolean;
}

const STANDARD: Dialect = {
  escapes: false,
  doubleQuotedText: false,
  hashComments: false,
  bracketedNames: false,
};
const MYSQL: Dialect = { ...STANDARD, escapes: true, doubleQuotedText: true, hashComments: true };
const BRACKETS: Dialect = { ...STANDARD, bracketedNames: true };
const DIALECTS: Readonly<Record<string, Dialect>> = {
  mysql: MYSQL,
  mariadb: MYSQL,
  clickhouse: { ...STANDARD, escapes: true },
  hive: { ...MYSQL, hashComments: false },
  'gcp.spanner': MYSQL,
  spanner: MYSQL,
  mssql: BRACKETS,
  mssqlcompact: BRACKETS,
  'microsoft.sql_server': BRACKETS,
  sqlite: BRACKETS,
};

/**
 * Returns the text of a query with its literals replaced by `?`.
 *
 * Replaces strings, numbers and binary literals. Keeps names, parameters (`$1`, `:id`, `@id`, `?`),
 * `NULL`, `TRUE`, `FALSE` and comments. An unterminated literal extends to the end of the text. Runs
 * in linear time.
 *
 * @param system `db.system.name` in lower case, which decides what quotes and backslashes mean
 */
export function withoutLiterals(text: string, system: string | undefined): string {
  const dialect = (system !== undefined && DIALECTS[system]) || STANDARD;
  const words = wordsOf(text);
  let result = '';
  let done = 0;
  for (let i = 0; i < text.length; ) {
    const end = endOfToken(text, i, dialect, words);
    if (isLiteral(text, i, dialect)) {
      result += `${text.slice(done, i)}?`;
      done = end;
    }
    i = end;
  }
  return result + text.slice(done);
}

/** What names consist of. */
interface Words {
  readonly word: RegExp;
  /** A parameter or a cast, both of which are kept. */
  readonly parameter: RegExp;
}

const ASCII_WORDS: Words = { word: /[\w$]+/y, parameter: /[:@$?]+\w*/y };
const word = lazyPattern('[\\p{L}\\p{N}_$]+', 'uy');
const parameter = lazyPattern('[:@$?]+[\\p{L}\\p{N}_]*', 'uy');

function wordsOf(text: string): Words {
  return isAscii(text) ? ASCII_WORDS : { word: word(), parameter: parameter() };
}

const NUMBER = /(?:0[xX][\dA-Fa-f]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
/** `E'…'`, `N'…'`, `x'…'`, `b'…'`, `_utf8'…'`, `r'…'`. */
const PREFIXED = /(?:[ENBXRenbxr]|_[A-Za-z\d]+|U&)(?=')/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_]\w*)?\$/y;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Returns whether the token at this index is a literal. */
function isLiteral(text: string, at: number, dialect: Dialect): boolean {
  const char = text.charAt(at);
  if (char === "'" || (char === '"' && dialect.doubleQuotedText)) return true;
  if (matchAt(PREFIXED, text, at) !== undefined) return true;
  if (char === '$') return matchAt(DOLLAR_QUOTE, text, at) !== undefined;
  return matchAt(NUMBER, text, at) !== undefined;
}

/** Returns the index after the token that starts at this index. */
function endOfToken(text: string, at: number, dialect: Dialect, words: Words): number {
  const char = text.charAt(at);
  const prefix = matchAt(PREFIXED, text, at);
  if (prefix !== undefined) {
    const escapes = dialect.escapes || /^e$/i.test(prefix);
    return endOfQuotes(text, at + prefix.length, escapes);
  }
  switch (char) {
    case "'":
      return endOfQuotes(text, at, dialect.escapes);
    case '"':
      return endOfQuotes(text, at, dialect.escapes && dialect.doubleQuotedText);
    case '`':
      return endOfQuotes(text, at, false);
    case '[':
      return dialect.bracketedNames ? after(text, ']', at) : at + 1;
    case '-':
      return text.startsWith('--', at) ? after(text, '\n', at) : at + 1;
    case '#':
      return dialect.hashComments ? after(text, '\n', at) : at + 1;
    case '/':
      return text.startsWith('/*', at) ? after(text, '*/', at + 2) : at + 1;
    case '$': {
      const quote = matchAt(DOLLAR_QUOTE, text, at);
      if (quote !== undefined) return after(text, quote, at + quote.length);
    }
  }
  const token =
    matchAt(words.parameter, text, at) ??
    matchAt(NUMBER, text, at) ??
    matchAt(words.word, text, at);
  return at + (token?.length || 1);
}

/** Returns the index after the quoted text that starts here. Quotes in it may be doubled or escaped. */
function endOfQuotes(text: string, at: number, escapes: boolean): number {
  const quote = text.charAt(at);
  for (let i = at + 1; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (escapes && char === '\\') i += 1;
    else if (char === quote && text.charAt(i + 1) === quote) i += 1;
    else if (char === quote) return i + 1;
  }
  return text.length;
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found === -1 ? text.length : found + end.length;
}
