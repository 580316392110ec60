import { asObject, asText, type JsonObject } from '../json.ts';

type Reader = (key: string) => string | undefined;

/** Forms of a command, best first; each gives `undefined` when its attributes are absent. */
const FORMS: readonly ((read: Reader) => string | undefined)[] = [
  // Databases that do not speak SQL: Redis, Memcached, MongoDB, …
  (read) => read('db.query.text') ?? read('db.statement'),
  (read) =>
    joined(
      read('db.operation.name') ?? read('db.operation'),
      read('db.collection.name') ?? read('db.mongodb.collection'),
    ),
  (read) =>
    joined(
      read('messaging.operation.name') ?? read('messaging.operation'),
      read('messaging.destination.name') ??
        read('messaging.destination') ??
        read('messaging.rabbitmq.routing_key'),
    ),
  (read) => joined(read('rpc.service'), read('rpc.method'), '/'),
  (read) => joined(read('graphql.operation.type'), read('graphql.operation.name')),
];

/**
 * Returns the command of a call that has no block of its own in the document format, such as a
 * Redis command. Reads OpenTelemetry attributes from annotations and from every metadata namespace.
 */
export function commandOf(record: JsonObject): string | undefined {
  const blocks = [
    asObject(record['annotations']),
    ...Object.values(asObject(record['metadata']) ?? {}).map(asObject),
  ].filter((block) => block !== undefined);
  if (blocks.length === 0) return undefined;
  const read: Reader = (key) => {
    for (const block of blocks) {
      const text = asText(Object.hasOwn(block, key) ? block[key] : undefined);
      if (text) return text;
    }
    return undefined;
  };
  for (const form of FORMS) {
    const command = form(read);
    if (command !== undefined) return command;
  }
  return undefined;
}

/** Joins two parts, of which the second is optional; returns `undefined` without the first. */
function joined(
  first: string | undefined,
  second: string | undefined,
  separator = ' ',
): string | undefined {
  if (first === undefined) return undefined;
  return second === undefined ? first : `${first}${separator}${second}`;
}
