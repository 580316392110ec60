import { createRspackPlugin } from 'unplugin';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { webpackLikePlugin } from './bundler/webpack-like.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of Rspack. Has the shape of `RspackPluginInstance`; Rspack need not be installed. */
export type RspackPlugin = {
  apply(compiler: unknown): void;
};

/**
 * Returns a plugin for Rspack, with which packages in the bundle are traced as outside of one.
 *
 * A file that it cannot handle is not changed, and the build logs a warning.
 *
 * @example
 * import { otelXray } from 'otel-xray/rspack';
 *
 * export default {
 *   target: 'node',
 *   entry: './src/app.js',
 *   externals: [/^otel-xray/],
 *   plugins: [otelXray()],
 * };
 */
export function otelXray(options: BundlerPluginOptions = {}): RspackPlugin {
  return webpackLikePlugin('rspack', options, createRspackPlugin);
}
