import { LIMITS } from '../limits.ts';

/** Sets a property to the JSON form of a value; `undefined` sets nothing. */
export function setJsonValue(target: Record<string, unknown>, key: string, value: unknown): void {
  const json = jsonValue(value);
  if (json !== undefined) setOwn(target, key, json);
}

/** Sets an own property, even for the key `__proto__`, which assignment would not set. */
export function setOwn<T>(target: Record<string, T>, key: string, json: NoInfer<T>): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value: json,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = json;
  }
}

/**
 * Returns the JSON form of a value, for which `JSON.stringify` never throws.
 *
 * NaN and infinities become text, bytes become base64, and a bigint becomes a number if that is
 * exact, else text. Notes replace cycles and values that are too deep. `undefined` stays
 * `undefined`.
 */
export function jsonValue(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    default:
      return Array.isArray(value) && value.every(isPlain)
        ? value
        : copy(value, [], { left: LIMITS.nodes });
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/**
 * @param above the objects that contain this value
 * @param budget of the whole value: objects that are shared many times would expand into a huge
 *   tree
 */
function copy(value: unknown, above: readonly object[], budget: { left: number }): unknown {
  budget.left -= 1;
  if (budget.left < 0) return '[Too large]';
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === 'function' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value === null ? null : jsonValue(value);
  if (above.includes(value)) return '[Circular]';
  if (above.length >= LIMITS.depth) return '[Too deep]';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => copy(item, path, budget) ?? null);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (budget.left < 0) break;
    const item = copy((value as Record<string, unknown>)[key], path, budget);
    if (item !== undefined) setOwn(result, key, item);
  }
  return result;
}

/** Returns whether `for…in` lists only the object's own keys, as it nearly always does. */
export function inheritsNothing(object: object): boolean {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false;
  for (const _ in Object.prototype) return false;
  return true;
}

/** Returns an object with the same own properties whose keys `for…in` lists: mostly itself. */
export function withoutInherited<T extends object>(object: T): T {
  return inheritsNothing(object) ? object : { __proto__: null, ...object };
}
