/**
 * The part of `unplugin` that is used here. Its own declarations import the types of every bundler,
 * none of which is installed with otel-xray; `paths` in `tsconfig.json` refers to this file instead.
 */

export interface Context {
  /** Logs a warning of the build. */
  warn(message: string): void;
}

export interface Hook<Handler> {
  /** For rollup's interface: runs before the hooks of other plugins. */
  readonly order: 'pre';
  readonly filter: { readonly id: RegExp };
  readonly handler: Handler;
}

export interface Plugin {
  readonly name: string;
  readonly enforce: 'pre';
  readonly transform: Hook<
    (this: Context, source: string, id: string) => Promise<{ code: string; map: null } | undefined>
  >;
  /** Hooks for one bundler, which are added to the others. */
  readonly esbuild?: { readonly onLoadFilter: RegExp };
  readonly rollup?: object;
  readonly rolldown?: object;
  readonly vite?: object;
  /** For rollup's interface. */
  buildStart?(this: Context): void;
}

/** Versions of the bundler and of unplugin by name; for rollup's interface complete from `buildStart` on. */
export interface Meta {
  readonly versions: Readonly<Record<string, string | undefined>>;
}

type Create = <Result>(factory: (options: unknown, meta: Meta) => Plugin) => () => Result;

export const createEsbuildPlugin: Create;
export const createRolldownPlugin: Create;
export const createRollupPlugin: Create;
export const createRspackPlugin: Create;
export const createVitePlugin: Create;
export const createWebpackPlugin: Create;
