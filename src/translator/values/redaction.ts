import { redactConnectionString } from './connection-string.ts';
import { withoutLiterals } from './sql-text.ts';
import { redactQuery, redactTarget, redactUrl, redactUrlsIn, type UrlRules } from './url.ts';

export interface RedactionRules extends UrlRules {
  readonly recordSqlLiterals: boolean;
}

export type Redactor = (value: string, rules: RedactionRules) => string;

const asUrl: Redactor = (value, rules) => redactUrl(value, rules);
const asTarget: Redactor = (value, rules) => redactTarget(value, rules);
const asQuery: Redactor = (value, rules) =>
  rules.stripUrlQuery ? '' : (redactQuery(value) ?? value);

const asHost: Redactor = (value) => value.slice(value.lastIndexOf('@') + 1);

const asQueryText: Redactor = (value, { recordSqlLiterals }) =>
  recordSqlLiterals || !SQL.test(value) ? value : withoutUnknownLiterals(value);

/** Redis commands can start with the same words. Their instrumentations replace arguments by a count. */
const SQL =
  /^(?!.*other arguments\]$)\s*(?:select|insert|update|delete|with|call|merge|replace|create|alter|values|explain)\b/i;

/**
 * Redacts a query of an unknown dialect. A backslash may be an escape, so everything from the first
 * quote on is removed if there is one.
 */
function withoutUnknownLiterals(text: string): string {
  if (!text.includes('\\')) return withoutLiterals(text, undefined);
  const quote = text.search(/['"$]/);
  return withoutLiterals(quote === -1 ? text : `${text.slice(0, quote)}''`, undefined);
}

/** Redactors of attributes that may contain credentials, for metadata and annotations (B-25). */
const REDACTORS: ReadonlyMap<string, Redactor> = new Map([
  ['url.full', asUrl],
  ['http.url', asUrl],
  ['messaging.url', asUrl],
  ['aws.queue_url', asUrl],
  ['aws.queue.url', asUrl],
  ['aws.sqs.queue.url', asUrl],
  ['http.target', asTarget],
  ['url.path', asTarget],
  ['url.query', asQuery],
  ['http.host', asHost],
  ['server.address', asHost],
  ['net.peer.name', asHost],
  ['db.query.text', asQueryText],
  ['db.statement', asQueryText],
  ['db.connection_string', (value) => redactConnectionString(value)],
]);

/** A header such as `location` or `referer` holds a URL or a path. */
const asHeader: Redactor = (value, rules) =>
  value.startsWith('/') ? redactTarget(value, rules) : redactUrlsIn(value, rules);

const HEADER = /^http\.(?:request|response)\.header\./;

/** Returns the redactor for an attribute; `undefined` if it needs none. */
export function redactorOf(name: string): Redactor | undefined {
  return REDACTORS.get(name) ?? (HEADER.test(name) ? asHeader : undefined);
}
