import { type AttributeKey, displayValue, isHidden, KEY_GROUP } from '../context/attribute-keys.ts';
import type { AttributeReader } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { Metadata } from '../document.ts';
import { NO_UNMAPPED, type UnmappedAttributes } from '../partial-document.ts';
import { jsonValue, setJsonValue, setOwn } from '../values/json.ts';
import { jsonObject } from '../values/json-object.ts';
import { unparsedStacks } from './cause.ts';
import type { Cause } from './exceptions.ts';

const METADATA_PREFIX = 'aws.xray.metadata.';
const RESOURCE_PREFIX = 'otel.resource.';
/** Prefix of namespaces that X-Ray reserves. */
const RESERVED = 'AWS.';

type Namespace = Record<string, unknown>;

/** Groups of keys that may collide with other keys or with resource attributes. */
const MAY_COLLIDE = KEY_GROUP.namespace | KEY_GROUP.resource;

/**
 * Returns the metadata of the resource if documents can share it: no annotation contains a part of
 * it, and the span has no attribute with the same name.
 */
export function sharedResourceMetadata(
  reader: AttributeReader,
  coveredKeys: ReadonlySet<string>,
  resource: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (resource === undefined || reader.hasGroup(MAY_COLLIDE)) return undefined;
  if (coveredKeys.size > 0)
    for (const key of coveredKeys) if (key.startsWith(RESOURCE_PREFIX)) return undefined;
  return resource;
}

/**
 * Returns the attributes that no block and no annotation uses, for the end of the default
 * namespace.
 *
 * @param hasMore whether the namespace has other keys, which may collide with the attributes
 * @returns `undefined` if keys may collide; {@link metadataOf} then resolves the collisions
 */
export function unmappedAttributes(
  reader: AttributeReader,
  coveredKeys: ReadonlySet<string>,
  hasMore: boolean,
  settings: Settings,
): UnmappedAttributes | undefined {
  if (hasMore || reader.hasGroup(MAY_COLLIDE)) return undefined;
  const keys: AttributeKey[] = [];
  const values: unknown[] = [];
  for (let i = 0; i < reader.count; i += 1) {
    if (reader.isConsumed(i)) continue;
    const key = reader.keyAt(i);
    if (coveredKeys.size > 0 && coveredKeys.has(key.name)) continue;
    // Without reading its value, so that a template applies to all values.
    if (isHidden(key, settings)) continue;
    const value = reader.takeAt(i, unmappedValue, settings);
    if (value === undefined) continue;
    keys.push(key);
    values.push(value);
  }
  return keys.length === 0 ? NO_UNMAPPED : { keys, values };
}

function unmappedValue(key: AttributeKey, value: unknown, settings: Settings): unknown {
  return jsonValue(displayValue(key, value, settings));
}

/**
 * Returns everything that no block and no annotation contains (docs/spec/translation.md sections
 * 8.2, 8.7 and 8.8).
 *
 * @param coveredKeys attribute keys whose whole value is in an annotation
 * @param resource `otel.resource.*` of a segment
 * @param withAttributes `false` if {@link unmappedAttributes} returned the attributes, and for the
 *   service segment of a split, which contains only the resource
 * @param extra further keys of the default namespace, such as an unparsable stack trace
 */
export function metadataOf(
  reader: AttributeReader,
  coveredKeys: ReadonlySet<string>,
  resource: Readonly<Record<string, unknown>> | undefined,
  withAttributes: boolean,
  extra: Readonly<Record<string, unknown>> | undefined,
  events: readonly unknown[] | undefined,
  settings: Settings,
): Metadata | undefined {
  const main: Namespace = resourcePart(resource, coveredKeys);
  let others: Record<string, Namespace> | undefined;
  if (withAttributes) others = addAttributes(main, reader, coveredKeys, settings);
  if (extra !== undefined) {
    for (const key of Object.keys(extra)) {
      if (extra[key] !== undefined) setOwn(main, freeKey(main, key), extra[key]);
    }
  }
  if (events !== undefined) {
    others ??= {};
    const namespace = others['events'] ?? {};
    setOwn(namespace, freeKey(namespace, 'events'), events);
    setOwn(others, 'events', namespace);
  }
  if (isEmpty(main)) return others;
  return others === undefined ? { default: main } : { default: main, ...others };
}

function resourcePart(
  resource: Readonly<Record<string, unknown>> | undefined,
  coveredKeys: ReadonlySet<string>,
): Namespace {
  if (resource === undefined) return {};
  const copy: Namespace = { ...resource };
  if (coveredKeys.size > 0) for (const key of coveredKeys) delete copy[key];
  return copy;
}

/** Adds the unused attributes to the default namespace; returns the other namespaces. */
function addAttributes(
  main: Namespace,
  reader: AttributeReader,
  coveredKeys: ReadonlySet<string>,
  settings: Settings,
): Record<string, Namespace> | undefined {
  let namespaced: string[] | undefined;
  for (let i = 0; i < reader.count; i += 1) {
    if (reader.isConsumed(i)) continue;
    const key = reader.keyAt(i);
    if (coveredKeys.size > 0 && coveredKeys.has(key.name)) continue;
    if (isHidden(key, settings)) continue;
    if ((key.groups & KEY_GROUP.namespace) !== 0) {
      namespaced ??= [];
      namespaced.push(key.name);
      continue;
    }
    const value = displayValue(key, reader.rawAt(i), settings);
    // A resource attribute may have the same name.
    const free = (key.groups & KEY_GROUP.resource) === 0 ? key.name : freeKey(main, key.name);
    if (value !== undefined) setJsonValue(main, free, value);
  }
  return namespaced === undefined ? undefined : addNamespaces(main, reader, namespaced.sort());
}

/** Adds the objects of `aws.xray.metadata.*` after all attributes, so that they replace no key. */
function addNamespaces(
  main: Namespace,
  reader: AttributeReader,
  keys: readonly string[],
): Record<string, Namespace> | undefined {
  let others: Record<string, Namespace> | undefined;
  for (const key of keys) {
    const value = reader.rawValue(key);
    const name = key.slice(METADATA_PREFIX.length);
    const object = name === '' ? undefined : jsonObject(value);
    if (object === undefined) setJsonValue(main, freeKey(main, key), value);
    else if (name.toLowerCase() === 'default') addAll(main, object);
    else others = addNamespace(others ?? {}, name, object);
  }
  return others;
}

function addNamespace(
  namespaces: Record<string, Namespace>,
  name: string,
  object: Namespace,
): Record<string, Namespace> {
  const free = name.startsWith(RESERVED) ? `AWS_${name.slice(RESERVED.length)}` : name;
  const known = Object.hasOwn(namespaces, free) ? (namespaces[free] as Namespace) : {};
  addAll(known, object);
  setOwn(namespaces, free, known);
  return namespaces;
}

/** Adds keys. If a key exists already, the new one gets a suffix. */
function addAll(target: Namespace, source: Namespace): void {
  for (const key of Object.keys(source)) setJsonValue(target, freeKey(target, key), source[key]);
}

function freeKey(target: Namespace, key: string): string {
  let free = key;
  while (Object.hasOwn(target, free)) free = `${free}_`;
  return free;
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

const NOTHING_ELSE: Pick<Cause, 'unparsed' | 'codes'> = { unparsed: [], codes: [] };

/** Returns the entries of the default namespace for unparsed stack traces and truncated fields. */
export function diagnosticsMetadata(
  reader: AttributeReader,
  cause: Cause | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const { unparsed, codes } = cause ?? NOTHING_ELSE;
  if (unparsed.length + codes.length === 0 && reader.truncatedFields === undefined)
    return undefined;
  return {
    'exception.code': codes.length > 1 ? codes : codes[0],
    'exception.stacktrace': unparsed.length === 0 ? undefined : unparsedStacks(unparsed),
    'xray.truncated': reader.truncatedFields,
  };
}
