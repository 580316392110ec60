import { diag } from '@opentelemetry/api';
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
  return copyOfScalars(attributes) ?? copyOneByOne(attributes);
}

/**
 * Copies an object that has only valid keys and strings, numbers, booleans and `undefined`. V8 copies such an
 * object as a whole, in a third of the time of one attribute after the other.
 *
 * @returns `undefined` for all others
 */
function copyOfScalars(attributes: object): Record<string, unknown> | undefined {
  const copy: Record<string, unknown> = { ...attributes };
  let isComplete = true;
  for (const key in copy) {
    const value = copy[key];
    if (key === '' || !isScalar(value)) return undefined;
    if (value === undefined) isComplete = false;
  }
  return isComplete ? copy : withoutUndefined(copy);
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
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'undefined';
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
