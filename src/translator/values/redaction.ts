import type { Settings } from '../context/options.ts';
import { cleanQuery, cleanTarget, cleanUrl, withoutConnectionSecrets } from './url.ts';

export type Cleaner = (value: string, settings: Settings) => string;

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

/** How a text of this name is shown; `undefined`: as it is. */
export function cleanerOf(name: string): Cleaner | undefined {
  return CLEANERS.get(name);
}
