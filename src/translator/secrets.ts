import type { Settings } from './options.ts';
import { cleanQuery, cleanTarget, cleanUrl, withoutConnectionSecrets } from './url.ts';

type Cleaner = (value: string, settings: Settings) => string;

const asUrl: Cleaner = (value, settings) => cleanUrl(value, settings);
const asTarget: Cleaner = (value, settings) => cleanTarget(value, settings);
const asQuery: Cleaner = (value, settings) =>
  settings.stripUrlQuery ? '' : (cleanQuery(value) ?? value);

/** Attributes that may carry credentials, and how they are shown in metadata and annotations (B-25). */
const CLEANERS: ReadonlyMap<string, Cleaner> = new Map([
  ['url.full', asUrl],
  ['http.url', asUrl],
  ['messaging.url', asUrl],
  ['aws.queue_url', asUrl],
  ['aws.queue.url', asUrl],
  ['aws.sqs.queue.url', asUrl],
  ['http.target', asTarget],
  ['url.query', asQuery],
  ['db.connection_string', (value) => withoutConnectionSecrets(value)],
]);

/** Query texts and bound values, which `recordSqlQuery: false` withholds everywhere. */
const QUERY_PARTS: ReadonlySet<string> = new Set([
  'db.query.text',
  'db.statement',
  'db.postgresql.values',
  'db.mysql.values',
]);

function isQueryPart(key: string): boolean {
  return (
    key.startsWith('db.') &&
    (QUERY_PARTS.has(key) ||
      key.startsWith('db.query.parameter.') ||
      key.startsWith('db.operation.parameter.'))
  );
}

/**
 * The value of an attribute as it may be shown outside its block.
 *
 * @returns `undefined` when it is withheld
 */
export function showable(key: string, value: unknown, settings: Settings): unknown {
  if (!settings.recordSqlQuery && isQueryPart(key)) return undefined;
  if (typeof value !== 'string') return value;
  const cleaner = CLEANERS.get(key);
  return cleaner === undefined ? value : cleaner(value, settings);
}
