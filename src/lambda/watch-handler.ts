import { Module } from 'node:module';
import { pathToFileURL } from 'node:url';
import { warnOnce } from '../diagnostics.ts';
import { isDeclaredModule } from '../file-format.ts';
import { watchRun } from '../module-run.ts';
import type { HandlerFile } from './handler-file.ts';
import type { Handler } from './wrap.ts';

/** The method of Node's `Module` that loads a CommonJS file; internal, but the same on Node 20–26. */
interface LoadableModule {
  exports: unknown;
  loaded: boolean;
  load(filename: string): void;
}

/** The part of `module.registerHooks` (Node 22.15 and 23.5) that we use. */
interface Hooks {
  resolve(
    specifier: string,
    context: { readonly conditions?: unknown; readonly parentURL?: string | undefined },
    next: (specifier: string, context: unknown) => Resolved,
  ): Resolved;
}
interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean;
}
type RegisterHooks = (hooks: Hooks) => { deregister(): void };

export type WrapHandler = (handler: Handler) => Handler;

/** Key of the function that the facade module of an ESM handler calls. */
const FACADE = Symbol.for('otel-xray.lambda.facade');

/**
 * Wraps the handler when the runtime loads its module, without any change to the function.
 *
 * CommonJS modules are intercepted at `Module.prototype.load`, before Node keeps their exports for `import`. ES
 * modules cannot be changed once linked, so a resolve hook redirects the runtime's `import` to a
 * facade module that re-exports everything and replaces the handler. Both stop after the first hit,
 * unless the handler is imported again for each invocation.
 *
 * `_HANDLER` stays unchanged because other tools read it.
 *
 * @param isImportedAgain whether an emulator runs the function, which imports it for each invocation
 * @returns a function that stops watching
 */
export function watchHandler(
  file: HandlerFile,
  wrap: WrapHandler,
  isImportedAgain = false,
): () => void {
  const [path] = file.paths;
  const stops: (() => void)[] = [];
  const stop = (): void => {
    for (const each of stops.splice(0)) each();
  };
  const onHit = isImportedAgain ? () => {} : stop;
  if (!path.endsWith('.mjs')) stops.push(watchCommonJs(file, wrap, onHit));
  if (!path.endsWith('.cjs')) stops.push(watchEsm(file, wrap, onHit));
  return stop;
}

function watchCommonJs(
  { paths, names }: HandlerFile,
  wrap: WrapHandler,
  onHit: () => void,
): () => void {
  const prototype = Module.prototype as unknown as LoadableModule;
  const original = prototype.load;
  let watching = true;
  prototype.load = function load(this: LoadableModule, filename: string): void {
    if (!watching || !paths.includes(filename)) {
      original.call(this, filename);
      return;
    }
    const end = watchRun(this, () => {
      onHit();
      this.exports = guarded(this.exports, () => withWrapped(this.exports, names, wrap));
    });
    try {
      original.call(this, filename);
    } finally {
      end();
    }
  };
  const patched = prototype.load;
  return () => {
    watching = false;
    // If another patch was installed later, ours must stay and delegate.
    if (prototype.load === patched) prototype.load = original;
  };
}

function watchEsm({ paths, names }: HandlerFile, wrap: WrapHandler, onHit: () => void): () => void {
  const { registerHooks } = Module as unknown as { registerHooks?: RegisterHooks };
  if (registerHooks === undefined) {
    if (isDeclaredModule(paths[0])) {
      warnOnce(
        `the ESM handler is not traced because Node ${process.versions.node} has no module hooks; ` +
          "use wrapHandler from 'otel-xray/lambda', or Node 22.15 or later",
      );
    }
    return () => {};
  }
  const urls = paths.map((path) => pathToFileURL(path).href);
  const facade = facadeUrl(pathToFileURL(paths[0]).href, names[0]);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const isHandler =
        urls.includes(resolved.url) &&
        context.parentURL !== facade &&
        isImport(context.conditions) &&
        // A file without a package type may be either; CommonJS is intercepted when it loads.
        (resolved.format ?? 'module') === 'module';
      return isHandler ? { url: facade, format: 'module', shortCircuit: true } : resolved;
    },
  });
  Object.defineProperty(globalThis, FACADE, {
    configurable: true,
    value: (exports: Readonly<Record<string, unknown>>) => {
      onHit();
      const all = { ...exports };
      return guarded(all, () => withWrapped(all, names, wrap));
    },
  });
  return () => hooks.deregister();
}

/** Conditions of `import` are an array; the first Nodes with hooks pass a Set for `require`. */
function isImport(conditions: unknown): boolean {
  return Array.isArray(conditions) && conditions.includes('import');
}

/**
 * Returns the facade module of a handler. Lambda's runtime looks for the function among the exports,
 * then in the default export.
 */
function facadeUrl(handlerUrl: string, name: string): string {
  const url = JSON.stringify(handlerUrl);
  const source = `import * as own from ${url};
export * from ${url};
const all = globalThis[Symbol.for('otel-xray.lambda.facade')](own);
const wrapped = all[${JSON.stringify(name)}];
const byDefault = all.default;
export { wrapped as ${JSON.stringify(name)} };
${name === 'default' ? '' : 'export { byDefault as default };'}`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/**
 * Returns the exports with the handler wrapped: the same object if it can be changed, otherwise a
 * copy (bundlers export getters that cannot be redefined).
 */
function withWrapped(exports: unknown, names: readonly string[], wrap: WrapHandler): unknown {
  const [name, ...others] = names;
  if (name === undefined) return typeof exports === 'function' ? wrap(exports as Handler) : exports;
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) {
    return exports;
  }
  const holder = exports as Readonly<Record<string, unknown>>;
  if (holder[name] === undefined) {
    const byDefault = holder['default'];
    if (name === 'default' || byDefault === undefined || byDefault === exports) return exports;
    return replaced(exports, 'default', withWrapped(byDefault, names, wrap));
  }
  return replaced(exports, name, withWrapped(holder[name], others, wrap));
}

function replaced(exports: object, name: string, value: unknown): object {
  if ((exports as Readonly<Record<string, unknown>>)[name] === value) return exports;
  const property = { value, configurable: true, enumerable: true, writable: true };
  if (Reflect.defineProperty(exports, name, property)) return exports;
  const descriptors = Object.getOwnPropertyDescriptors(exports);
  return Object.create(Object.getPrototypeOf(exports), { ...descriptors, [name]: property });
}

/** An error in the tracer must not keep the function from loading. */
function guarded<T>(fallback: T, run: () => unknown): T {
  try {
    return run() as T;
  } catch (error) {
    warnOnce(`the Lambda handler is not traced because wrapping failed: ${String(error)}`);
    return fallback;
  }
}
