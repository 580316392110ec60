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
 * Everything it cannot handle is left as it is, with a warning of the build.
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
