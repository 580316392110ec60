/**
 * The registry of module hooks. The build uses this file instead of `require-in-the-middle`
 * (`scripts/build/bundle.ts`).
 *
 * @see docs/spec/packaging.md section 3
 */

import { warnOnce } from '../../diagnostics.ts';

/** Receives the exports of a loaded module and returns the exports to use instead. */
export type OnLoad = (exports: unknown, name: string, baseDir?: string) => unknown;

interface Registered {
  /** `null`: called for every module. */
  readonly modules: readonly string[] | null;
  readonly onLoad: OnLoad;
}

const registered: Registered[] = [];

/** The class `require-in-the-middle` exports. */
export class Hook {
  readonly #entry: Registered;

  constructor(modules: readonly string[] | null, options: unknown, onLoad?: OnLoad) {
    const callback = (onLoad ?? options) as OnLoad;
    this.#entry = { modules, onLoad: callback };
    registered.push(this.#entry);
  }

  unhook(): void {
    const at = registered.indexOf(this.#entry);
    if (at >= 0) registered.splice(at, 1);
  }
}

/** Returns the names of all packages and files that a hook waits for. */
export function hookedNames(): readonly string[] {
  return registered.flatMap(({ modules }) => modules ?? []);
}

/**
 * Runs every hook over the exports of a module. A hook that throws is logged; the others still run.
 *
 * @param name package name, package name and path of a file in it, or name of a builtin module
 * @param baseDir folder of the package; `undefined` for a builtin module
 */
export function applyHooks(exports: unknown, name: string, baseDir?: string): unknown {
  let result = exports;
  for (const { modules, onLoad } of registered) {
    if (modules !== null && !modules.includes(name)) continue;
    try {
      result = onLoad(result, name, baseDir);
    } catch (error) {
      warnOnce(`${name} is not instrumented: ${String(error)}`);
    }
  }
  return result;
}
