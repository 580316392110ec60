import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import Module from 'node:module';

/** What a `resolve` hook is told of the importing module. */
export interface ResolveContext {
  readonly conditions?: readonly string[];
  readonly parentURL?: string;
}

export interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean;
}

export type NextResolve = (specifier: string, context?: ResolveContext) => Resolved;
export type Resolve = (specifier: string, context: ResolveContext, next: NextResolve) => Resolved;

export interface LoadContext {
  readonly format?: string | null | undefined;
}
export type NextLoad = (url: string, context?: LoadContext) => object;
export type Load = (url: string, context: LoadContext, next: NextLoad) => object;

/** `module.registerHooks`, there from Node 22.15 on. */
export type RegisterHooks = (hooks: { readonly resolve?: Resolve; readonly load?: Load }) => {
  deregister(): void;
};

export const registerHooks: RegisterHooks | undefined = (
  Module as unknown as { readonly registerHooks?: RegisterHooks }
).registerHooks;

/** Node publishes here when `import()` is called; it runs its entry point the same way. */
const IMPORT = 'tracing:module.import:start';

/**
 * Calls `onFirst` before the first ES module of the app is resolved.
 *
 * A resolve hook costs every module of an app a little, so an app that has no ES module gets none:
 * one that starts as CommonJS gets it at its first `import()`, of which Node tells on a channel.
 *
 * @param startsAsEsm whether the entry point is an ES module: then it is called at once
 * @see https://nodejs.org/api/diagnostics_channel.html#modules
 */
export function onFirstImport(startsAsEsm: boolean, onFirst: () => void): () => void {
  if (startsAsEsm) {
    onFirst();
    return () => {};
  }
  const look = (message: unknown): void => {
    // An entry point comes as a URL object; `import()` gives the text that the app wrote.
    if (typeof (message as { readonly url?: unknown }).url !== 'string') return;
    unsubscribe(IMPORT, look);
    onFirst();
  };
  subscribe(IMPORT, look);
  return () => {
    unsubscribe(IMPORT, look);
  };
}
