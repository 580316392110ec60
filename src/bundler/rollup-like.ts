import { readFile } from 'node:fs/promises';
import type { Context, Meta, Plugin } from 'unplugin';
import { type RollupLike, unknownBundler } from './bundlers.ts';
import type { BundlerPluginOptions } from './options.ts';
import { bundlerPlugin } from './plugin.ts';
import { ORIGINAL } from './source.ts';

const ORIGINAL_FILES = new RegExp(`\\.[cm]?js\\${ORIGINAL}$`);

/** Finds the original of an ES module, whose path has a query. Other bundlers do this themselves. */
const ORIGINALS = {
  resolveId: {
    order: 'pre',
    filter: { id: ORIGINAL_FILES },
    handler: (id: string) => (ORIGINAL_FILES.test(id) ? id : undefined),
  },
  load: {
    order: 'pre',
    filter: { id: ORIGINAL_FILES },
    handler: (id: string) =>
      ORIGINAL_FILES.test(id) ? readFile(id.slice(0, -ORIGINAL.length), 'utf8') : undefined,
  },
};

/**
 * Returns what rollup, rolldown and Vite need, which have the same interface.
 *
 * @param more hooks that only this bundler has
 */
export function rollupLikePlugin(
  bundler: RollupLike,
  options: BundlerPluginOptions,
  more: object = {},
): (options: unknown, meta: Meta) => Plugin {
  return (_options, meta) => {
    const { plugin, disable } = bundlerPlugin(options);
    return {
      ...plugin,
      [bundler]: { ...ORIGINALS, ...more },
      buildStart(this: Context) {
        const problem = unknownBundler(bundler, meta.versions);
        if (problem === undefined) return;
        disable();
        this.warn(problem);
      },
    };
  };
}
