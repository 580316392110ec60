import { createRolldownPlugin } from 'unplugin';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { rollupLikePlugin } from './bundler/rollup-like.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of rolldown. Has the shape of its `Plugin`; rolldown need not be installed. */
export interface RolldownPlugin {
  readonly name: string;
}

/**
 * Returns a plugin for rolldown, with which packages in the bundle are traced as outside of one.
 *
 * A file that it cannot handle is not changed, and the build logs a warning.
 *
 * @example
 * import { otelXray } from 'otel-xray/rolldown';
 *
 * export default {
 *   input: 'src/app.js',
 *   output: { file: 'dist/app.mjs' },
 *   platform: 'node',
 *   external: [/^otel-xray/],
 *   plugins: [otelXray()],
 * };
 */
export function otelXray(options: BundlerPluginOptions = {}): RolldownPlugin {
  return createRolldownPlugin<RolldownPlugin>(rollupLikePlugin('rolldown', options))();
}
