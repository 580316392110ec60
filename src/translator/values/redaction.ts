import { redactConnectionString } from './connection-string.ts';
import { redactQuery, redactTarget, redactUrl, type UrlRules } from './url.ts';

export type Redactor = (value: string, rules: UrlRules) => string;

const asUrl: Redactor = (value, rules) => redactUrl(value, rules);
const asTarget: Redactor = (value, rules) => redactTarget(value, rules);
const asQuery: Redactor = (value, rules) =>
  rules.stripUrlQuery ? '' : (redactQuery(value) ?? value);

const asHost: Redactor = (value) => value.slice(value.lastIndexOf('@') + 1);

/** Attributes that may carry credentials, and how they are shown in metadata and annotations (B-25). */
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
  ['db.connection_string', (value) => redactConnectionString(value)],
]);

/** How a text of this name is shown; `undefined`: as it is. */
export function redactorOf(name: string): Redactor | undefined {
  return REDACTORS.get(name);
}
