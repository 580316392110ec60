import { types } from 'node:util';
import { guardedWrapper, type Wrapper } from './guarded-wrap.ts';

type Exports = Record<string, unknown>;

/**
 * Replaces the function that a package is, or exports as `default`.
 *
 * @returns the exports to use instead
 */
export function withDefault(instrumentation: string, exports: unknown, wrapper: Wrapper): unknown {
  const wrap = guardedWrapper(instrumentation, wrapper);
  if (typeof exports === 'function') return wrap(exports as never, 'default');
  const { default: original } = exports as Exports;
  if (typeof original !== 'function') return exports;
  const replaced = wrap(original as never, 'default');
  // The namespace of an ES module comes as a proxy whose exports can be set.
  if (!types.isProxy(exports)) return { ...(exports as Exports), default: replaced };
  (exports as Exports)['default'] = replaced;
  return exports;
}
