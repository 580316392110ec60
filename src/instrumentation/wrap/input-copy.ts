import { EventEmitter } from 'node:events';
import { types } from 'node:util';

/**
 * How many levels below the input are copied: enough for the attributes of each message of a batch
 * (`Entries[0].MessageAttributes`).
 */
const DEPTH = 3;

/** A copy of an object of the app that may be changed. */
export interface InputCopy<Input> {
  readonly copy: Input;
  /**
   * Whether the copy can replace the original. It cannot if the original is a proxy or has
   * accessors, which the copy does not have.
   */
  readonly isFaithful: boolean;
}

/**
 * Copies an input of the app, so that an instrumentation can change the copy. Objects and arrays are
 * copied; buffers, streams, dates, maps and everything deeper are shared.
 *
 * @param depth levels that are copied below the input; 0 copies only the input
 * @throws any error that a getter or proxy of the app throws
 */
export function copyInput<Input>(input: Input, depth: number = DEPTH): InputCopy<Input> {
  let isFaithful = true;
  const copied = (value: unknown, left: number): unknown => {
    if (!isRecord(value)) return value;
    const next = (item: unknown): unknown => (left === 0 ? item : copied(item, left - 1));
    if (types.isProxy(value) || hasComputedProperties(value)) isFaithful = false;
    if (Array.isArray(value)) return value.map(next);
    const copy = Object.create(Object.getPrototypeOf(value)) as object;
    for (const [key, item] of Object.entries(value)) define(copy, key, next(item));
    return copy;
  };
  const copy = copied(input, depth) as Input;
  return { copy, isFaithful };
}

/** Returns whether a copy made by {@link copyInput} still has the content of its original. */
export function isUnchanged(copy: unknown, original: unknown): boolean {
  if (Object.is(copy, original)) return true;
  if (!isRecord(copy) || !isRecord(original)) return false;
  const keys = Object.keys(copy);
  return (
    keys.length === Object.keys(original).length &&
    keys.every((key) => Object.hasOwn(original, key) && isUnchanged(copy[key], original[key]))
  );
}

/** Not by assignment, which would call a setter of the prototype, such as `__proto__`. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** Returns whether a value is an object that holds data in properties; all others are values. */
function isRecord(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false;
  if (types.isProxy(value)) return true;
  return !(
    Symbol.toStringTag in value || // buffers, maps, promises, and all classes of the web platform
    value instanceof EventEmitter ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** Returns whether the class of an object has getters or setters. */
function hasComputedProperties(value: object): boolean {
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    // The prototype of all objects, in this realm or another, has `__proto__`.
    if (Object.getPrototypeOf(at) === null) return false;
    const properties = Object.values(Object.getOwnPropertyDescriptors(at));
    if (properties.some(({ get, set }) => get !== undefined || set !== undefined)) return true;
  }
  return false;
}
