import { types } from 'node:util';

type Exports = Record<string, unknown>;

/**
 * Replaces exports by name, also those of an object that a package exports as `default`.
 *
 * @returns the exports to use instead
 */
export function withExports(exports: Exports, changed: Exports): Exports {
  const { default: all } = exports;
  const defaults =
    typeof all === 'object' && all !== null ? { default: { ...all, ...changed } } : {};
  // The namespace of an ES module comes as a proxy whose exports can be set one by one.
  if (!types.isProxy(exports)) return { ...exports, ...changed, ...defaults };
  Object.assign(exports, changed, defaults);
  return exports;
}
