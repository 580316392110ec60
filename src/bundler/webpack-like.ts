import type { Plugin } from 'unplugin';
import { unknownBundler, type WebpackLike } from './bundlers.ts';
import type { BundlerPluginOptions } from './options.ts';
import { bundlerPlugin } from './plugin.ts';

/** A plugin of webpack or rspack. */
export interface Applied {
  apply(compiler: unknown): void;
}

/** The part of a compiler that is used here. */
interface Compiler {
  /** Absent in webpack 4. */
  readonly webpack?: { readonly version?: string };
  readonly rspack?: { readonly rspackVersion?: string; readonly version?: string };
  readonly hooks: {
    readonly thisCompilation: {
      tap(name: string, run: (compilation: { readonly warnings: Error[] }) => void): void;
    };
  };
}

/**
 * Returns the plugin of webpack or rspack, which have the same interface.
 *
 * @param create unplugin's function for the bundler
 */
export function webpackLikePlugin(
  bundler: WebpackLike,
  options: BundlerPluginOptions,
  create: (factory: () => Plugin) => () => Applied,
): Applied {
  const { plugin } = bundlerPlugin(options);
  const applied = create(() => plugin)();
  return {
    apply(compiler) {
      const { webpack, rspack, hooks } = compiler as Compiler;
      const problem = unknownBundler(bundler, {
        webpack: webpack?.version,
        rspack: rspack?.rspackVersion ?? rspack?.version,
      });
      if (problem === undefined) return applied.apply(compiler);
      hooks.thisCompilation.tap('otel-xray', ({ warnings }) => {
        warnings.push(new Error(problem));
      });
    },
  };
}
