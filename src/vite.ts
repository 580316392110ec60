import { createVitePlugin } from 'unplugin';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { rollupLikePlugin } from './bundler/rollup-like.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of Vite. Has the shape of its `Plugin`; Vite need not be installed. */
export interface VitePlugin {
  readonly name: string;
}

/**
 * Returns a plugin for builds of Vite for the server, with which packages in the bundle are traced as
 * outside of one. Vite keeps packages out of such a build unless `ssr.noExternal` names them.
 *
 * A file that it cannot handle is not changed, and the build logs a warning.
 *
 * @example
 * import { otelXray } from 'otel-xray/vite';
 *
 * export default {
 *   build: { ssr: 'src/app.js' },
 *   ssr: { noExternal: true, external: ['otel-xray'] },
 *   plugins: [otelXray()],
 * };
 */
export function otelXray(options: BundlerPluginOptions = {}): VitePlugin {
  return createVitePlugin<VitePlugin>(rollupLikePlugin('vite', options, { apply: 'build' }))();
}
