import { sep } from 'node:path';
import { Hook } from './hooks.ts';

/**
 * Instrumentations that the app registers itself, which replace ours.
 *
 * The app's own `require` hook keeps working. It misses packages that are imported, and builtin
 * modules that were loaded before it; for these we call it. Patching twice is harmless: an
 * instrumentation removes its wrapper before it wraps again.
 */
interface AppInstrumentation {
  readonly instrumentationName: string;
  readonly _modules?: readonly Definition[];
  _onRequire?(definition: Definition, exports: unknown, name: string, baseDir?: string): unknown;
}

interface Definition {
  readonly name: string;
}

interface BaseClass {
  readonly prototype: { enable(this: AppInstrumentation): void };
}

interface BaseExports {
  readonly InstrumentationBase?: BaseClass;
}

/** The package all instrumentations extend; the app's copy of it, not the compiled-in one. */
export const BASE_PACKAGE = '@opentelemetry/instrumentation';

const appInstrumentations = new Set<AppInstrumentation>();
const baseClasses = new Set<BaseClass>();

/** Returns the base class of instrumentations from each copy that the app has loaded. */
export function appBaseClasses(): Iterable<BaseClass> {
  return baseClasses;
}

/**
 * Detects instrumentations of the app.
 *
 * @param onEnabled called with the name of each one after it was enabled
 * @returns stops detecting
 */
export function watchAppInstrumentations(onEnabled: (name: string) => void): () => void {
  const hook = new Hook([BASE_PACKAGE], {}, (exports) => {
    const { InstrumentationBase } = exports as BaseExports;
    if (InstrumentationBase === undefined) return exports;
    baseClasses.add(InstrumentationBase);
    const { prototype } = InstrumentationBase;
    const { enable } = prototype;
    prototype.enable = function (this: AppInstrumentation): void {
      enable.call(this);
      if (appInstrumentations.has(this)) return;
      appInstrumentations.add(this);
      onEnabled(this.instrumentationName);
    };
    return exports;
  });
  return () => {
    hook.unhook();
    appInstrumentations.clear();
    baseClasses.clear();
  };
}

/** Lets the app's instrumentations patch the exports of a module. */
export function applyAppInstrumentations(
  exports: unknown,
  name: string,
  baseDir?: string,
): unknown {
  let result = exports;
  for (const instrumentation of appInstrumentations) {
    for (const definition of instrumentation._modules ?? []) {
      if (name !== definition.name && !name.startsWith(definition.name + sep)) continue;
      result = instrumentation._onRequire?.(definition, result, name, baseDir) ?? result;
    }
  }
  return result;
}
