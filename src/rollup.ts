import { createRollupPlugin } from 'unplugin';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { rollupLikePlugin } from './bundler/rollup-like.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of rollup. Has the shape of its `Plugin`; rollup need not be installed. */
export interface RollupPlugin {
  readonly name: string;
}

/**
 * Returns a plugin for rollup, with which packages in the bundle are traced as outside of one.
 *
 * A file that it cannot handle is not changed, and the build logs a warning.
 *
 * @example
 * import commonjs from '@rollup/plugin-commonjs';
 * import json from '@rollup/plugin-json';
 * import nodeResolve from '@rollup/plugin-node-resolve';
 * import { otelXray } from 'otel-xray/rollup';
 *
 * export default {
 *   input: 'src/app.js',
 *   output: { file: 'dist/app.mjs' },
 *   external: [/^otel-xray/],
 *   plugins: [otelXray(), nodeResolve({ exportConditions: ['node'] }), commonjs(), json()],
 * };
 */
export function otelXray(options: BundlerPluginOptions = {}): RollupPlugin {
  return createRollupPlugin<RollupPlugin>(rollupLikePlugin('rollup', options))();
}
