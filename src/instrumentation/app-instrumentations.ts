import { sep } from 'node:path';
import { Hook } from './hooks.ts';

/**
 * Instrumentations that the app has of its own, in place of ours.
 *
 * The app's own hook into `require` still does its work; what it misses is a package that is
 * imported, and a builtin module that was loaded before it came. There, what ours see is handed on.
 * Patching twice does no harm: an instrumentation takes its wrapper off before it puts it on.
 */
interface AppInstrumentation {
  readonly instrumentationName: string;
  readonly _modules?: readonly Definition[];
  _onRequire?(definition: Definition, exports: unknown, name: string, baseDir?: string): unknown;
}

interface Definition {
  readonly name: string;
}

interface BaseExports {
  readonly InstrumentationBase?: { readonly prototype: { enable(this: AppInstrumentation): void } };
}

/** The package all instrumentations are made with; the app's copy of it, not the one compiled in. */
export const BASE_PACKAGE = '@opentelemetry/instrumentation';

const adopted = new Set<AppInstrumentation>();

/**
 * Watches for instrumentations of the app.
 *
 * @param onEnabled called after one was switched on
 */
export function adoptAppInstrumentations(onEnabled: (name: string) => void): () => void {
  const hook = new Hook([BASE_PACKAGE], {}, (exports) => {
    const prototype = (exports as BaseExports).InstrumentationBase?.prototype;
    if (prototype === undefined) return exports;
    const { enable } = prototype;
    prototype.enable = function (this: AppInstrumentation): void {
      enable.call(this);
      if (adopted.has(this)) return;
      adopted.add(this);
      onEnabled(this.instrumentationName);
    };
    return exports;
  });
  return () => {
    hook.unhook();
    adopted.clear();
  };
}

/** Lets the app's instrumentations patch the exports of a module. */
export function applyAdopted(exports: unknown, name: string, baseDir?: string): unknown {
  let result = exports;
  for (const instrumentation of adopted) {
    for (const definition of instrumentation._modules ?? []) {
      if (name !== definition.name && !name.startsWith(definition.name + sep)) continue;
      result = instrumentation._onRequire?.(definition, result, name, baseDir) ?? result;
    }
  }
  return result;
}
