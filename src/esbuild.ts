import { createEsbuildPlugin } from 'unplugin';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { bundlerPlugin } from './bundler/plugin.ts';
import { TARGET_FILES } from './bundler/target.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of esbuild. Has the same shape as `Plugin` of esbuild, which need not be installed. */
export interface EsbuildPlugin {
  readonly name: string;
  setup(build: unknown): void | Promise<void>;
}

/** The part of esbuild's `PluginBuild` that has the version; absent in old versions. */
interface Build {
  readonly esbuild?: { readonly version?: string };
}

/**
 * Returns a plugin for esbuild, with which packages in the bundle are traced as outside of one.
 *
 * Everything it cannot handle is left as it is, with a warning of the build.
 *
 * @example
 * import { build } from 'esbuild';
 * import { otelXray } from 'otel-xray/esbuild';
 *
 * await build({
 *   entryPoints: ['app.js'], outfile: 'dist/app.js', bundle: true, platform: 'node',
 *   external: ['otel-xray'],
 *   plugins: [otelXray()],
 * });
 */
export function otelXray(options: BundlerPluginOptions = {}): EsbuildPlugin {
  let version: string | undefined;
  const { name, setup } = createEsbuildPlugin<EsbuildPlugin>(() => ({
    ...bundlerPlugin('esbuild', options, () => version),
    esbuild: { onLoadFilter: TARGET_FILES },
  }))();
  return {
    name,
    setup(build) {
      version = (build as Build).esbuild?.version;
      return setup(build);
    },
  };
}
