import type { UnmappedKey } from '../partial-document.ts';
import { type Redactor, redactorOf } from '../values/redaction.ts';
import { isModelContent, MODEL_ANNOTATIONS } from './model-keys.ts';
import type { Settings } from './options.ts';

/** Properties of an attribute name. Looked up once for each attribute of a span. */
export interface AttributeKey extends UnmappedKey {
  /** Index of the value in a reader; -1 for a name that no rule reads. */
  readonly number: number;
  /** Bitwise OR of {@link KEY_GROUP} values. */
  readonly groups: number;
  /** Redacts a text that may contain credentials, for metadata and annotations. */
  readonly redact: Redactor | undefined;
}

/** Groups of attribute names that rules treat the same way, as bit flags. */
export const KEY_GROUP = {
  /** `annotation.*` */
  annotation: 1,
  /** `aws.xray.metadata.*` */
  namespace: 2,
  /** `otel.resource.*`, the names of resource attributes in documents. */
  resource: 4,
  /** A query parameter. */
  parameter: 8,
  /** The text of a query or a query parameter. */
  query: 16,
  /** What a user wrote to a model, or a model answered. */
  modelContent: 32,
  /** What is known of every call of a model; an annotation by default. */
  modelCall: 64,
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

/** Declared names with their numbers. */
const numbers = new Map<string, number>();
const inOrder: string[] = [];
/** Declared names that a span had, with their properties. */
const declared = new Map<string, AttributeKey>();
/** Names that no rule reads. Bounded, because an app may create new names continuously. */
const others = new Map<string, AttributeKey>();
const MAX_OTHERS = 1_000;
const MAX_LENGTH = 200;

/** Declares a name that a rule reads, and returns its number. */
export function declare(name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, inOrder.length);
  return inOrder.push(name) - 1;
}

/** Returns the number of declared names. The numbers of all names are lower. */
export function declaredCount(): number {
  return inOrder.length;
}

export function declaredKey(number: number): AttributeKey {
  return attributeKey(inOrder[number] as string);
}

export function attributeKey(name: string): AttributeKey {
  return declared.get(name) ?? others.get(name) ?? addedKey(name);
}

function addedKey(name: string): AttributeKey {
  const number = numbers.get(name);
  if (number === undefined) return otherKey(name);
  const key = newKey(name, number);
  declared.set(name, key);
  return key;
}

function otherKey(name: string): AttributeKey {
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
    groups: marks | groupOf(name),
    redact: redactorOf(name),
    json: undefined,
  };
}

function groupOf(name: string): number {
  if (QUERY_PARTS.has(name)) return KEY_GROUP.query;
  if (MODEL_ANNOTATIONS.has(name)) return KEY_GROUP.modelCall;
  return isModelContent(name) ? KEY_GROUP.modelContent : 0;
}

/**
 * Returns whether documents must not contain an attribute, whatever its value is: queries with
 * `recordSqlQuery: false`, and prompts and answers without `recordMessageContent`.
 */
export function isHidden({ groups }: AttributeKey, settings: Settings): boolean {
  if (!settings.recordSqlQuery && (groups & KEY_GROUP.query) !== 0) return true;
  return !settings.recordMessageContent && (groups & KEY_GROUP.modelContent) !== 0;
}

/**
 * Returns the value of an attribute for metadata and annotations.
 *
 * @returns `undefined` if it {@link isHidden}
 */
export function displayValue(key: AttributeKey, value: unknown, settings: Settings): unknown {
  if (isHidden(key, settings)) return undefined;
  if (key.redact === undefined) return value;
  if (!Array.isArray(value)) return redacted(key.redact, value, settings);
  return value.map((item) => redacted(key.redact as Redactor, item, settings));
}

function redacted(redact: Redactor, value: unknown, settings: Settings): unknown {
  return typeof value === 'string' ? redact(value, settings) : value;
}
