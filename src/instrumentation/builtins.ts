import Module, { createRequire, syncBuiltinESMExports } from 'node:module';
import { applyAdopted } from './app-instrumentations.ts';
import { applyHooks } from './hooks.ts';
import { onFirstImport, registerHooks } from './resolve-hook.ts';

const require = createRequire(import.meta.url);

/** A builtin's id as Node spells it in either form. */
function isNamed(request: string, name: string): boolean {
  return request === name || request === `node:${name}`;
}

/** Patches a builtin module in place, for `require` and for every form of `import`, loaded or not. */
export function patchBuiltin(name: string): void {
  applyAdopted(applyHooks(require(name), name), name);
  syncBuiltinESMExports();
}

interface ModuleInternals {
  _load(request: string, ...rest: unknown[]): unknown;
}

/**
 * Calls `onFirst` just before the app first takes the builtin module.
 *
 * `https` costs 9 ms more than `http` (it loads tls), so an app that never takes it must not pay.
 * CommonJS takes it through `Module._load` or `process.getBuiltinModule`; ES modules need a resolve
 * hook, which Node has from 22.15 on; where the app starts as an ES module without one, it is
 * called at once.
 *
 * @see docs/spec/packaging.md section 3.1
 */
export function onFirstUse(name: string, startsAsEsm: boolean, onFirst: () => void): void {
  const internals = Module as unknown as ModuleInternals;
  const getBuiltinModule = process.getBuiltinModule as ((id: string) => unknown) | undefined;
  if (registerHooks === undefined && startsAsEsm) {
    onFirst();
    return;
  }

  const undo: (() => void)[] = [];
  const seen = (request: unknown): void => {
    if (undo.length === 0 || typeof request !== 'string' || !isNamed(request, name)) return;
    for (const step of undo.splice(0)) step();
    onFirst();
  };

  const load = internals._load;
  const patchedLoad = function _load(this: unknown, request: string, ...rest: unknown[]): unknown {
    seen(request);
    return load.call(this, request, ...rest);
  };
  internals._load = patchedLoad;
  // Somebody may have wrapped it after us: then ours stays inside, and only looks on.
  undo.push(() => {
    if (internals._load === patchedLoad) internals._load = load;
  });

  if (getBuiltinModule !== undefined) {
    const patchedGet = function (this: unknown, id: string): unknown {
      seen(id);
      return getBuiltinModule.call(process, id);
    };
    Object.assign(process, { getBuiltinModule: patchedGet });
    undo.push(() => {
      if ((process.getBuiltinModule as unknown) !== patchedGet) return;
      Object.assign(process, { getBuiltinModule });
    });
  }

  if (registerHooks !== undefined) {
    const register = registerHooks;
    const stopWaiting = onFirstImport(startsAsEsm, () => {
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
