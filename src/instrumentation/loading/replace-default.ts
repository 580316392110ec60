import { guardedWrapper, type Wrapper } from './guarded-wrap.ts';
import { withExports } from './replace-exports.ts';

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
  return withExports(exports as Exports, { default: wrap(original as never, 'default') });
}
