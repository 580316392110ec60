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
 * Everything it cannot handle is left as it is, with a warning of the build.
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
