import { types } from 'node:util';

type Exports = Record<string, unknown>;

/**
 * Replaces exports by name, also those of an object that a package exports as `default`. Never changes
 * the exports of a CommonJS module, which may be getters only.
 *
 * @returns the exports to use instead
 */
export function withExports<T extends object>(exports: T, changed: Exports): T {
  const { default: all } = exports as Exports;
  const isObject = typeof all === 'object' && all !== null;
  const replaced = { ...(isObject && { default: copyWith(all, changed) }), ...changed };
  // The namespace of an ES module comes as a proxy whose exports can be set one by one.
  return types.isProxy(exports) ? Object.assign(exports, replaced) : copyWith(exports, replaced);
}

/** Returns a copy that has what a spread loses: `__esModule`, getters and the prototype. */
function copyWith<T extends object>(original: T, changed: Exports): T {
  const replaced = Object.entries(changed).map(([name, value]) => [
    name,
    { value, enumerable: true, configurable: true, writable: true },
  ]);
  return Object.create(Object.getPrototypeOf(original) as object, {
    ...Object.getOwnPropertyDescriptors(original),
    ...Object.fromEntries(replaced),
  }) as T;
}
