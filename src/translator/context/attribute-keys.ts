import type { UnmappedKey } from '../partial-document.ts';
import { type Redactor, redactorOf } from '../values/redaction.ts';
import type { Settings } from './options.ts';

/** What the name of an attribute says by itself; looked up once for each attribute of a span. */
export interface AttributeKey extends UnmappedKey {
  /** Where the values of a declared name lie in a reader; -1 for a name that no rule reads. */
  readonly number: number;
  /** Of {@link KEY_GROUP}, added up. */
  readonly groups: number;
  /** How a text is shown outside its block when it may carry credentials. */
  readonly redact: Redactor | undefined;
}

/** Groups of names that a rule treats alike. */
export const KEY_GROUP = {
  /** `annotation.*` */
  annotation: 1,
  /** `aws.xray.metadata.*` */
  namespace: 2,
  /** `otel.resource.*`, as the resource's own attributes are shown. */
  resource: 4,
  /** A value bound to a query. */
  parameter: 8,
  /** The text of a query or a value bound to it. */
  query: 16,
} as const;

const PREFIXES: readonly (readonly [prefix: string, marks: number])[] = [
  ['annotation.', KEY_GROUP.annotation],
  ['aws.xray.metadata.', KEY_GROUP.namespace],
  ['otel.resource.', KEY_GROUP.resource],
  ['db.query.parameter.', KEY_GROUP.parameter | KEY_GROUP.query],
  ['db.operation.parameter.', KEY_GROUP.parameter | KEY_GROUP.query],
];

const QUERY_PARTS: ReadonlySet<string> = new Set([
  'db.query.text',
  'db.statement',
  'db.postgresql.values',
  'db.mysql.values',
]);

const declared = new Map<string, AttributeKey>();
const inOrder: AttributeKey[] = [];
/** Names that no rule reads repeat from span to span too; but an app may make up names without end. */
const others = new Map<string, AttributeKey>();
const MAX_OTHERS = 1_000;
const MAX_LENGTH = 200;

/** The number of a name that a rule reads; the same for the same name. */
export function declare(name: string): number {
  const known = declared.get(name);
  if (known !== undefined) return known.number;
  const key = newKey(name, declared.size);
  declared.set(name, key);
  inOrder.push(key);
  return key.number;
}

/** How many names are declared; their numbers are below that. */
export function declaredCount(): number {
  return declared.size;
}

export function declaredKey(number: number): AttributeKey {
  return inOrder[number] as AttributeKey;
}

export function attributeKey(name: string): AttributeKey {
  return declared.get(name) ?? others.get(name) ?? remembered(name);
}

function remembered(name: string): AttributeKey {
  const key = newKey(name, -1);
  if (name.length > MAX_LENGTH) return key;
  if (others.size >= MAX_OTHERS) others.clear();
  others.set(name, key);
  return key;
}

function newKey(name: string, number: number): AttributeKey {
  const [, marks = 0] = PREFIXES.find(([prefix]) => name.startsWith(prefix)) ?? [];
  return {
    name,
    number,
    groups: QUERY_PARTS.has(name) ? marks | KEY_GROUP.query : marks,
    redact: redactorOf(name),
    json: undefined,
  };
}

/**
 * The value of an attribute as it may be shown outside its block.
 *
 * @returns `undefined` when it is withheld, as `recordSqlQuery: false` does with queries everywhere
 */
export function displayValue(key: AttributeKey, value: unknown, settings: Settings): unknown {
  if (!settings.recordSqlQuery && (key.groups & KEY_GROUP.query) !== 0) return undefined;
  if (key.redact === undefined || typeof value !== 'string') return value;
  return key.redact(value, settings);
}
