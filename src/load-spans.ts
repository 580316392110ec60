/**
 * Loads what spans need, not within the first of them: the build puts this module into their chunk.
 *
 * @see scripts/build/bundle.ts
 */
export function loadSpans(): void {}
