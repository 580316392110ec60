import { createEsbuildPlugin } from 'unplugin';
import { unknownBundler } from './bundler/bundlers.ts';
import type { BundlerPluginOptions } from './bundler/options.ts';
import { bundlerPlugin, CHANGED_FILES } from './bundler/plugin.ts';

export type { BundlerPluginOptions } from './bundler/options.ts';

/** A plugin of esbuild. Has the same shape as `Plugin` of esbuild, which need not be installed. */
export interface EsbuildPlugin {
  readonly name: string;
  setup(build: unknown): void | Promise<void>;
}

/** The part of esbuild's `PluginBuild` that is used here. */
interface Build {
  /** Absent in old versions. */
  readonly esbuild?: { readonly version?: string };
  onStart(callback: () => { readonly warnings: readonly { readonly text: string }[] }): void;
}

/**
 * Returns a plugin for esbuild, with which packages in the bundle are traced as outside of one.
 *
 * A file that it cannot handle is not changed, and the build logs a warning.
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
  const { plugin } = bundlerPlugin(options);
  const { name, setup } = createEsbuildPlugin<EsbuildPlugin>(() => ({
    ...plugin,
    esbuild: { onLoadFilter: CHANGED_FILES },
  }))();
  return {
    name,
    setup(build) {
      const { esbuild, onStart } = build as Build;
      const problem = unknownBundler('esbuild', { esbuild: esbuild?.version });
      if (problem === undefined) return setup(build);
      onStart(() => ({ warnings: [{ text: problem }] }));
    },
  };
}
