import { createWebpackPlugin } from 'unplugin';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { webpackLikePlugin } from './bundler/webpack-like.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of webpack. Has the shape of `WebpackPluginInstance`; webpack need not be installed. */
export type WebpackPlugin = {
  apply(compiler: unknown): void;
};

/**
 * Returns a plugin for webpack 5, with which packages in the bundle are traced as outside of one.
 *
 * A file that it cannot handle is not changed, and the build logs a warning.
 *
 * @example
 * import { otelXray } from 'otel-xray/webpack';
 *
 * export default {
 *   target: 'node',
 *   entry: './src/app.js',
 *   externals: [/^otel-xray/],
 *   plugins: [otelXray()],
 * };
 */
export function otelXray(options: BundlerPluginOptions = {}): WebpackPlugin {
  return webpackLikePlugin('webpack', options, createWebpackPlugin);
}
