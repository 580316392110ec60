import { createRequire, Module, syncBuiltinESMExports } from 'node:module';
import { applyAppInstrumentations } from './app-instrumentations.ts';
import { applyHooks } from './hooks.ts';
import { onFirstImport, registerHooks } from './resolve-hook.ts';
import { type AnyFunction, named } from './same-shape.ts';

const require = createRequire(import.meta.url);

/** Returns whether a request names a builtin module, with or without `node:`. */
function isNamed(request: string, name: string): boolean {
  return request === name || request === `node:${name}`;
}

/** Patches a builtin module in place, for `require` and for every form of `import`, whether loaded or not. */
export function patchBuiltin(name: string): void {
  applyAppInstrumentations(applyHooks(require(name), name), name);
  syncBuiltinESMExports();
}

interface ModuleInternals {
  _load(request: string, ...rest: unknown[]): unknown;
}

/** Returns whether a builtin module is loaded. */
function isLoaded(name: string): boolean {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  return moduleLoadList.includes(`NativeModule ${name}`);
}

/**
 * Calls `onFirst` just before the app first loads a builtin module, or immediately if it has done so.
 *
 * `https` takes 9 ms to load (it loads tls), which an app that does not use it should not pay for.
 * CommonJS loads it through `Module._load` or `process.getBuiltinModule`. ES modules need a resolve
 * hook, which Node has from 22.15 on; without one, `onFirst` is called immediately if the app starts
 * as an ES module.
 *
 * @see docs/spec/packaging.md section 3.1
 */
export function onFirstUse(name: string, startsAsEsm: boolean, onFirst: () => void): void {
  if (isLoaded(name) || (registerHooks === undefined && startsAsEsm)) {
    onFirst();
    return;
  }
  const internals = Module as unknown as ModuleInternals;
  const getBuiltinModule = process.getBuiltinModule as ((id: string) => unknown) | undefined;
  const undo: (() => void)[] = [];
  const used = (): void => {
    for (const step of undo.splice(0)) step();
    onFirst();
  };
  const seen = (request: unknown): void => {
    if (undo.length > 0 && typeof request === 'string' && isNamed(request, name)) used();
  };

  const load = internals._load;
  const patchedLoad = function _load(this: unknown, request: string, ...rest: unknown[]): unknown {
    seen(request);
    return load.call(this, request, ...rest);
  };
  internals._load = named(load as AnyFunction, patchedLoad as AnyFunction);
  // If other code has wrapped it since, ours stays inside and does nothing.
  undo.push(() => {
    if (internals._load === patchedLoad) internals._load = load;
  });

  if (getBuiltinModule !== undefined) {
    const patchedGet = function (this: unknown, id: string): unknown {
      seen(id);
      return getBuiltinModule.call(process, id);
    };
    named(getBuiltinModule as AnyFunction, patchedGet as AnyFunction);
    Object.assign(process, { getBuiltinModule: patchedGet });
    undo.push(() => {
      if ((process.getBuiltinModule as unknown) !== patchedGet) return;
      Object.assign(process, { getBuiltinModule });
    });
  }

  if (registerHooks !== undefined) {
    const register = registerHooks;
    const stopWaiting = onFirstImport(startsAsEsm, () => {
      // An ES module that was required may have imported it.
      if (isLoaded(name)) {
        used();
        return;
      }
      const hooks = register({
        resolve(specifier, context, next) {
          seen(specifier);
          return next(specifier, context);
        },
      });
      undo.push(() => hooks.deregister());
    });
    undo.push(stopWaiting);
  }
}
