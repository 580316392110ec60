import { createRequire, Module, syncBuiltinESMExports } from 'node:module';
import { type AnyFunction, named } from '../wrap/same-shape.ts';
import { applyAppInstrumentations } from './app-instrumentations.ts';
import { applyHooks } from './hooks.ts';
import { nameInStacks } from './method-choice.ts';
import {
  afterRequired,
  onEntryPoint,
  onFirstImport,
  type RegisterHooks,
  registerHooks,
} from './resolve-hook.ts';

const require = createRequire(import.meta.url);

/**
 * Patches a builtin module in place, for `require` and for every form of `import`, whether loaded or not.
 *
 * @param mayBeImported whether an ES module may have imported it already; one that does so later gets
 *   the patched functions anyway
 */
export function patchBuiltin(name: string, mayBeImported = true): void {
  applyAppInstrumentations(applyHooks(require(name), name), name);
  if (mayBeImported) syncBuiltinESMExports();
}

/** Returns whether a builtin module is loaded. */
function isLoaded(name: string): boolean {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] };
  return moduleLoadList.includes(`NativeModule ${name}`);
}

/** Is told whether the module was loaded before. */
type OnFirst = (wasLoaded: boolean) => void;

/** Name of a builtin module that the app has not loaded yet → what to call before it does. */
const waiting = new Map<string, OnFirst>();
/** Stops watching what the app loads. */
const undo: (() => void)[] = [];

/**
 * Calls `onFirst` just before the app first loads a builtin module, or immediately if it has done so.
 *
 * `https` takes 9 ms to load (it loads tls) and `http` 4 ms, which an app that does not use them
 * should not pay for. CommonJS loads them through `Module._load` or `process.getBuiltinModule`. ES
 * modules need a resolve hook, which Node has from 22.15 on; without one, `onFirst` is called
 * immediately if the app starts as an ES module.
 *
 * @see docs/spec/packaging.md section 3.1
 */
export function onFirstUse(name: string, startsAsEsm: boolean, onFirst: OnFirst): void {
  const wasLoaded = isLoaded(name);
  if (wasLoaded || (registerHooks === undefined && startsAsEsm)) {
    onFirst(wasLoaded);
    return;
  }
  waiting.set(name, onFirst);
  if (undo.length === 0) watchLoads(startsAsEsm);
}

/** Takes the name of a builtin module that is about to be loaded, with or without `node:`. */
function seen(request: unknown): void {
  if (typeof request !== 'string') return;
  const name = request.startsWith('node:') ? request.slice('node:'.length) : request;
  // Deprecated names of the parts of `http`.
  used(name.startsWith('_http_') ? 'http' : name);
}

function used(name: string): void {
  const onFirst = waiting.get(name);
  if (onFirst === undefined) return;
  waiting.delete(name);
  if (waiting.size === 0) for (const step of undo.splice(0)) step();
  onFirst(isLoaded(name));
}

interface ModuleInternals {
  _load(request: string, ...rest: unknown[]): unknown;
}

function watchLoads(startsAsEsm: boolean): void {
  const internals = Module as unknown as ModuleInternals;
  const load = internals._load;
  const patchedLoad = function _load(this: unknown, request: string, ...rest: unknown[]): unknown {
    seen(request);
    const exports = load.call(this, request, ...rest);
    afterRequired(exports);
    return exports;
  };
  internals._load = named(load as AnyFunction, patchedLoad as AnyFunction);
  const removeName = nameInStacks(load as AnyFunction, '_load');
  // If other code has wrapped it since, ours stays inside and does nothing.
  undo.push(() => {
    removeName();
    if (internals._load === patchedLoad) internals._load = load;
  });
  if (!startsAsEsm) {
    undo.push(
      onEntryPoint(() => {
        if (internals._load === patchedLoad) giveOnce(internals, load, patchedLoad);
      }),
    );
  }
  watchGetBuiltinModule();
  if (registerHooks !== undefined) watchImports(registerHooks, startsAsEsm);
}

/**
 * Gives the next reader of `_load` Node's own function, and then ours. For the entry point, so that the
 * stacks of the whole app have no frame of ours at their end: some tools write them to files.
 */
function giveOnce(
  internals: ModuleInternals,
  load: ModuleInternals['_load'],
  later: ModuleInternals['_load'],
): void {
  const assign = (value: ModuleInternals['_load']): void => {
    const plain = { value, configurable: true, enumerable: true, writable: true };
    Object.defineProperty(internals, '_load', plain);
  };
  const get = (): ModuleInternals['_load'] => {
    assign(later);
    return load;
  };
  Object.defineProperty(internals, '_load', {
    configurable: true,
    enumerable: true,
    get,
    set: assign,
  });
}

function watchGetBuiltinModule(): void {
  const getBuiltinModule = process.getBuiltinModule as ((id: string) => unknown) | undefined;
  if (getBuiltinModule === undefined) return;
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

function watchImports(register: RegisterHooks, startsAsEsm: boolean): void {
  const stopWaiting = onFirstImport(startsAsEsm, () => {
    // An ES module that was required may have imported them.
    for (const name of [...waiting.keys()].filter(isLoaded)) used(name);
    if (waiting.size === 0) return;
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
