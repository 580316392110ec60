import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Module } from 'node:module';
import { types } from 'node:util';

/** The context that Node passes to a `resolve` hook. */
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

/** `module.registerHooks`, available from Node 22.15 on. */
export type RegisterHooks = (hooks: { readonly resolve?: Resolve; readonly load?: Load }) => {
  deregister(): void;
};

export const registerHooks: RegisterHooks | undefined = (
  Module as unknown as { readonly registerHooks?: RegisterHooks }
).registerHooks;

/** Node publishes here for each `import()`, and for the entry point. */
const IMPORT = 'tracing:module.import:start';

/** What waits for the first ES module of an app that starts as CommonJS. */
const waiting = new Set<() => void>();

/**
 * Calls `onFirst` before the first ES module of the app is resolved.
 *
 * A resolve hook adds a cost to every module of an app, so an app without ES modules gets none. An app
 * that starts as CommonJS gets it at its first `import()`, which Node reports on a diagnostics channel,
 * or when it requires an ES module, see {@link beforeRequired}.
 *
 * @param startsAsEsm whether the entry point is an ES module; if so, `onFirst` is called immediately
 * @see https://nodejs.org/api/diagnostics_channel.html#modules
 */
export function onFirstImport(startsAsEsm: boolean, onFirst: () => void): () => void {
  if (startsAsEsm) {
    onFirst();
    return () => {};
  }
  if (waiting.size === 0) subscribe(IMPORT, look);
  waiting.add(onFirst);
  return () => {
    waiting.delete(onFirst);
    if (waiting.size === 0) unsubscribe(IMPORT, look);
  };
}

function look(message: unknown): void {
  // The entry point is reported as a URL object, an `import()` as the specifier in the source.
  if (typeof (message as { readonly url?: unknown }).url === 'string') esModuleFound();
}

function esModuleFound(): void {
  unsubscribe(IMPORT, look);
  const found = [...waiting];
  waiting.clear();
  for (const onFirst of found) onFirst();
}

/** Looks at a file that is about to be required: one with this ending is an ES module. */
export function beforeRequired(filename: string): void {
  if (waiting.size > 0 && filename.endsWith('.mjs')) esModuleFound();
}

/**
 * Looks at what a required file exports. That a file with another ending is an ES module is known only
 * afterwards, when it has loaded what it imports.
 */
export function afterRequired(exports: unknown): void {
  if (waiting.size > 0 && types.isModuleNamespaceObject(exports)) esModuleFound();
}
