/**
 * Instrumentations that load only if they are enabled by name: they create many spans with little
 * information, and `router` repeats each layer of Express 5.
 *
 * @see docs/spec/packaging.md section 3.2
 */
export const OFF_BY_DEFAULT: readonly string[] = [
  'dns',
  'fs',
  'generic-pool',
  'lru-memoizer',
  'net',
  'router',
];
