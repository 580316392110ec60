import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Module } from 'node:module';
import { types } from 'node:util';
import { type AnyFunction, named } from '../wrap/same-shape.ts';
import { chooseMethod } from './method-choice.ts';

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

/** The internal function of Node.js that runs the source of a required file. */
type Compile = (
  this: object,
  source: unknown,
  filename: string,
  format?: unknown,
  ...rest: unknown[]
) => unknown;

/** What waits for the first ES module of an app that starts as CommonJS. */
const waiting = new Set<() => void>();
let stopWatching: () => void = () => {};

/**
 * Calls `onFirst` before the first ES module of the app is resolved.
 *
 * A resolve hook adds a cost to every module of an app, so an app without ES modules gets none. An app
 * that starts as CommonJS gets it at its first `import()`, which Node reports on a diagnostics channel,
 * or when it requires an ES module.
 *
 * @param startsAsEsm whether the entry point is an ES module; if so, `onFirst` is called immediately
 * @see https://nodejs.org/api/diagnostics_channel.html#modules
 */
export function onFirstImport(startsAsEsm: boolean, onFirst: () => void): () => void {
  if (startsAsEsm) {
    onFirst();
    return () => {};
  }
  if (waiting.size === 0) stopWatching = watch();
  waiting.add(onFirst);
  return () => {
    waiting.delete(onFirst);
    if (waiting.size === 0) stopWatching();
  };
}

function watch(): () => void {
  subscribe(IMPORT, look);
  const restore = watchCompile();
  return () => {
    unsubscribe(IMPORT, look);
    restore();
  };
}

function look(message: unknown): void {
  // The entry point is reported as a URL object, an `import()` as the specifier in the source.
  if (typeof (message as { readonly url?: unknown }).url === 'string') esModuleFound();
}

/**
 * Calls `onEntry` just before Node.js loads the entry point with `--import`, unless the version of Node.js
 * does not publish this.
 *
 * @returns stops watching
 */
export function onEntryPoint(onEntry: () => void): () => void {
  const stop = (): void => {
    unsubscribe(IMPORT, lookForEntry);
  };
  const lookForEntry = (message: unknown): void => {
    if (typeof (message as { readonly url?: unknown }).url === 'string') return;
    stop();
    onEntry();
  };
  subscribe(IMPORT, lookForEntry);
  return stop;
}

function esModuleFound(): void {
  stopWatching();
  const found = [...waiting];
  waiting.clear();
  for (const onFirst of found) onFirst();
}

/** Looks at what a required file exports. That it is an ES module may be known only then. */
export function afterRequired(exports: unknown): void {
  if (waiting.size > 0 && types.isModuleNamespaceObject(exports)) esModuleFound();
}

/**
 * Watches for a required file that is an ES module: Node.js knows its format, from its ending or from
 * the `type` in its package.json, before it loads what the file imports.
 */
function watchCompile(): () => void {
  const prototype = Module.prototype as unknown as { _compile: Compile };
  const original = prototype._compile;
  const compile: Compile = function (this, source, filename, format, ...rest) {
    seen(format);
    return original.call(this, source, filename, format, ...rest);
  };
  named(original as AnyFunction, compile as AnyFunction);
  const seen = (format: unknown): void => {
    // Also `module-typescript`.
    if (waiting.size > 0 && typeof format === 'string' && format.startsWith('module')) {
      esModuleFound();
    }
  };
  return chooseMethod(prototype, '_compile', (module) => {
    const key = Object.getOwnPropertySymbols(module).find(isFormat);
    if (key === undefined) return compile;
    seen((module as Record<symbol, unknown>)[key]);
    return original;
  });
}

/** Returns whether a property is that in which Node.js stores the format of a module. */
function isFormat({ description }: symbol): boolean {
  return description === 'kFormat';
}
