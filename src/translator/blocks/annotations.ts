import { attributeKey, displayValue, KEY_GROUP } from '../context/attribute-keys.ts';
import { type AttributeReader, names } from '../context/attributes.ts';
import { MODEL_ANNOTATIONS } from '../context/model-keys.ts';
import type { Settings } from '../context/options.ts';
import type { ResourceParts } from '../context/resource.ts';
import type { Annotations, AnnotationValue } from '../document.ts';
import { LIMITS } from '../limits.ts';
import { setOwn } from '../values/json.ts';
import { memoize, truncate } from '../values/text.ts';

const NAMES = { list: names('aws.xray.annotations') } as const;

const RESOURCE_PREFIX = 'otel.resource.';
const ANNOTATION_PREFIX = 'annotation.';
const METADATA_PREFIX = 'aws.xray.metadata.';
/** Groups of attributes that are annotations without an option. */
const ALWAYS_INDEXED = KEY_GROUP.annotation | KEY_GROUP.modelCall;
const NOTHING: ReadonlySet<string> = new Set();

/** Annotations, and the attribute keys whose whole value is in an annotation, not in metadata. */
export interface AnnotationResult {
  readonly annotations: Annotations | undefined;
  readonly coveredKeys: ReadonlySet<string>;
}

const NOT_INDEXED: AnnotationResult = { annotations: undefined, coveredKeys: NOTHING };

/**
 * Selects the annotations of a document (docs/spec/translation.md sections 8.3 to 8.6 and 8.9;
 * B-43, B-44).
 *
 * Priority: the list in `aws.xray.annotations`, the list in the options, model and tokens of a model
 * call, then wildcards, `annotation.*` and `indexAllAttributes`, sorted by key, so that the order of the span's attributes
 * does not matter (B-01).
 *
 * @param resource of a segment; `undefined` for a subsegment, which has no resource attributes
 * @param excluded attributes that must not become annotations here
 */
export function selectAnnotations(
  reader: AttributeReader,
  resource: ResourceParts | undefined,
  settings: Settings,
  excluded: ReadonlySet<string> = NOTHING,
): AnnotationResult {
  const list = ownList(reader);
  if (list === undefined && settings.indexesNothing && !reader.hasGroup(ALWAYS_INDEXED)) {
    return NOT_INDEXED;
  }
  const state: AnnotationState = {
    reader,
    resource,
    settings,
    excluded,
    annotations: {},
    size: 0,
    coveredKeys: new Set(),
  };
  for (const key of list ?? []) annotate(state, key, settings.indexedKeys.get(key) ?? key);
  for (const [key, name] of settings.indexedKeys) annotate(state, key, name);
  if (reader.hasGroup(KEY_GROUP.modelCall)) {
    for (const [key, name] of MODEL_ANNOTATIONS) annotate(state, key, name);
  }
  for (const key of wildcardKeys(state)) {
    annotate(
      state,
      key,
      key.startsWith(ANNOTATION_PREFIX) ? key.slice(ANNOTATION_PREFIX.length) : key,
    );
  }
  return {
    annotations: state.size === 0 ? undefined : state.annotations,
    coveredKeys: state.coveredKeys,
  };
}

interface AnnotationState {
  readonly reader: AttributeReader;
  readonly resource: ResourceParts | undefined;
  readonly settings: Settings;
  readonly excluded: ReadonlySet<string>;
  readonly annotations: Record<string, AnnotationValue>;
  size: number;
  readonly coveredKeys: Set<string>;
}

/** Returns the list in `aws.xray.annotations`, an array or a comma-separated string. */
function ownList(reader: AttributeReader): readonly string[] | undefined {
  const value = reader.peek(NAMES.list);
  const items: readonly unknown[] | undefined = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(',').map((item) => item.trim())
      : undefined;
  if (items === undefined) return undefined;
  reader.consume(NAMES.list);
  return items.filter((item) => typeof item === 'string');
}

function wildcardKeys({ reader, resource, settings }: AnnotationState): readonly string[] {
  const { indexAllAttributes: all, indexedPrefixes: prefixes } = settings;
  const matches = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix));
  const keys: string[] = [];
  for (let i = 0; i < reader.count; i += 1) {
    const { name, groups: marks } = reader.keyAt(i);
    const isNamed = (marks & KEY_GROUP.annotation) !== 0 || matches(name);
    if ((isNamed || (all && !reader.isConsumed(i))) && !isControl(name)) keys.push(name);
  }
  const resourceKeys = Object.keys(resource?.attributes ?? {})
    .map((key) => RESOURCE_PREFIX + key)
    .filter((key) => all || matches(key));
  return [...keys, ...resourceKeys].sort();
}

/** Returns whether an attribute controls the translator. Wildcards do not match such attributes. */
function isControl(key: string): boolean {
  return key.startsWith('aws.xray.') && (key.startsWith(METADATA_PREFIX) || INTERNAL.has(key));
}

const INTERNAL: ReadonlySet<string> = new Set([
  'aws.xray.annotations',
  'aws.xray.inprogress',
  'aws.xray.sampling_rule',
  'aws.xray.sampling_rule_name',
]);

function annotate(state: AnnotationState, key: string, name: string): void {
  const { settings, annotations, coveredKeys } = state;
  if (coveredKeys.has(key) || state.excluded.has(key)) return;
  const value = annotationValue(
    displayValue(attributeKey(key), indexable(key, sourceValue(state, key)), settings),
  );
  if (value === undefined || state.size >= LIMITS.annotations) return;
  const clean = settings.annotationDots ? dottedKey(name) : plainKey(name);
  if (clean === '' || Object.hasOwn(annotations, clean)) return;
  const isCut = typeof value === 'string' && value.length > LIMITS.annotationValue;
  setOwn(annotations, clean, isCut ? truncate(value, LIMITS.annotationValue) : value);
  state.size += 1;
  // If the annotation is truncated, metadata contains the whole value.
  if (!isCut) coveredKeys.add(key);
}

function sourceValue({ reader, resource }: AnnotationState, key: string): unknown {
  const own = reader.rawValue(key);
  if (own !== undefined || resource === undefined || !key.startsWith(RESOURCE_PREFIX)) return own;
  const name = key.slice(RESOURCE_PREFIX.length);
  return Object.hasOwn(resource.attributes, name) ? resource.attributes[name] : undefined;
}

/** Unwraps a captured header, a list that usually has one value, so that it can be indexed. */
function indexable(key: string, value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 && HEADER.test(key) ? value[0] : value;
}

const HEADER = /^http\.(?:request|response)\.header\./;

/** Returns scalar values only. X-Ray cannot index other values, which stay in metadata. */
function annotationValue(value: unknown): AnnotationValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    default:
      return undefined;
  }
}

const dottedKey = memoize((key) =>
  truncate(key.replace(/[^A-Za-z0-9.]/gu, '_'), LIMITS.annotationKey),
);
const plainKey = memoize((key) =>
  truncate(key.replace(/[^A-Za-z0-9]/gu, '_'), LIMITS.annotationKey),
);
