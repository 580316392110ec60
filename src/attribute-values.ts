import { diag } from '@opentelemetry/api';
import { shallowCopy } from './attribute-copies.ts';
import { jsonValue, setOwn } from './translator/values/json.ts';

/**
 * The attribute values of `@opentelemetry/api` 1.10 (`AnyValue`: also maps, bytes, lists of mixed
 * values and `null`) for the SDK 2.x that is compiled in, which drops them with a warning each.
 *
 * The build puts this module in place of `common/attributes.js` of `@opentelemetry/core`; the names
 * of the functions are those of that module.
 *
 * @see https://opentelemetry.io/docs/specs/otel/common/#anyvalue
 */

export function isAttributeKey(key: unknown): boolean {
  return typeof key === 'string' && key !== '';
}

export function isAttributeValue(value: unknown): boolean {
  return typeof value !== 'function' && typeof value !== 'symbol';
}

/**
 * Returns a copy that does not change when the app changes its object. Objects become plain JSON of
 * bounded depth and size. Never throws.
 */
export function copyAttributeValue(value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'bigint') return value;
  try {
    if (value instanceof Uint8Array) return new Uint8Array(value);
    const json = jsonValue(value);
    return Array.isArray(value) && json === value ? value.slice() : json;
  } catch {
    return '[Unreadable]';
  }
}

/**
 * Copies the attributes of a span, an event or a link; skips those without a value, and invalid ones with
 * a warning.
 */
export function sanitizeAttributes(attributes: unknown): Record<string, unknown> {
  if (typeof attributes !== 'object' || attributes === null) return {};
  return copyAtOnce(attributes) ?? copyOneByOne(attributes);
}

/** Number of attributes of the last copy that {@link copyAtOnce} returned. */
let copiedCount = 0;

/**
 * Copies an object that has only valid keys and values, `undefined` among them.
 *
 * @returns `undefined` for all others
 */
function copyAtOnce(attributes: object): Record<string, unknown> | undefined {
  const copy = shallowCopy(attributes);
  let absent = 0;
  let count = 0;
  for (const key in copy) {
    const value = copy[key];
    if (key === '') return undefined;
    count += 1;
    if (value === undefined) absent += 1;
    else if (!isScalar(value)) {
      if (!isAttributeValue(value)) return undefined;
      copy[key] = copyAttributeValue(value);
    }
  }
  copiedCount = count - absent;
  return absent === 0 ? copy : withoutUndefined(copy);
}

/** Removes keys by another copy: an object from which one is deleted is slower to read. */
function withoutUndefined(attributes: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key in attributes) {
    if (attributes[key] !== undefined) setOwn(copy, key, attributes[key]);
  }
  return copy;
}

function isScalar(value: unknown): boolean {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean';
}

/**
 * Returns how many attributes a sanitized object has; `undefined` if a span cannot have it as its
 * attributes as it is, because some must be removed or truncated.
 *
 * @param maxCount maximum number of attributes of a span
 * @param maxLength maximum length of a string
 */
export function usableCount(
  attributes: Readonly<Record<string, unknown>>,
  maxCount: number,
  maxLength: number,
): number | undefined {
  if (maxLength !== Number.POSITIVE_INFINITY) return undefined;
  let count = 0;
  for (const key in attributes) {
    if (attributes[key] === undefined) return undefined;
    count += 1;
  }
  return count <= maxCount ? count : undefined;
}

/** A span of the SDK, as far as its attributes are concerned. */
export interface SpanState {
  attributes: Record<string, unknown>;
  _attributesCount: number;
  readonly _ended: boolean;
  readonly _spanLimits: { readonly attributeCountLimit?: number | undefined };
  readonly _attributeValueLengthLimit: number;
}

/**
 * Sets the first attributes of a span all at once.
 *
 * @returns `false`, and sets none, if the SDK must set one after the other
 */
export function setAtOnce(span: SpanState, attributes: unknown): boolean {
  if (span._attributesCount > 0 || span._ended) return false;
  if (typeof attributes !== 'object' || attributes === null) return false;
  if (span._attributeValueLengthLimit !== Number.POSITIVE_INFINITY) return false;
  // A processor may have written to them.
  for (const _ in span.attributes) return false;
  const copy = copyAtOnce(attributes);
  if (copy === undefined) return false;
  if (copiedCount > (span._spanLimits.attributeCountLimit ?? Number.POSITIVE_INFINITY))
    return false;
  span.attributes = copy;
  span._attributesCount = copiedCount;
  return true;
}

function copyOneByOne(attributes: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key in attributes) {
    if (!Object.hasOwn(attributes, key)) continue;
    const value = (attributes as Record<string, unknown>)[key];
    if (value === undefined) continue;
    if (!isAttributeKey(key)) diag.warn(`Invalid attribute key: ${key}`);
    else if (isAttributeValue(value)) setOwn(copy, key, copyAttributeValue(value));
    else diag.warn(`Invalid attribute value set for key: ${key}`);
  }
  return copy;
}
