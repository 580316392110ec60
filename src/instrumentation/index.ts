import { createRequire } from 'node:module';
import { warnOnce } from '../diagnostics.ts';
import { onFirstUse, patchBuiltin } from './builtins.ts';
import { type FetchInstrumentation, onFirstFetch } from './fetch.ts';
import { watchModuleLoads } from './module-load.ts';
import { INSTRUMENTATIONS } from './table.ts';

export interface InstrumentOptions {
  /** Whether the instrumentation of this name may be loaded at all. */
  readonly isEnabled: (name: string) => boolean;
  /** Options for the constructor of an instrumentation. */
  readonly configOf: (name: string) => object;
  /** Whether the app's entry point is an ES module. */
  readonly startsAsEsm: boolean;
  /** Version of this package, for the scope of our own instrumentations. */
  readonly version: string;
}

const require = createRequire(import.meta.url);

/**
 * Watches for modules to instrument; loads an instrumentation when the app first loads its module.
 *
 * @returns stops watching; what is instrumented stays so
 * @see spec/packaging.md section 3
 */
export function instrument(options: InstrumentOptions): () => void {
  const started = new Map<string, unknown>();
  const start = (name: string): unknown => {
    if (!started.has(name)) started.set(name, construct(name, options));
    return started.get(name);
  };

  const byPackage = new Map<string, string[]>();
  for (const { name, modules } of INSTRUMENTATIONS) {
    if (!options.isEnabled(name)) continue;
    for (const module of modules) byPackage.set(module, [...(byPackage.get(module) ?? []), name]);
  }
  const stopModules = watchModuleLoads(
    (packageName) => byPackage.has(packageName),
    (packageName) => {
      for (const name of byPackage.get(packageName) ?? []) start(name);
    },
  );

  if (options.isEnabled('http')) {
    start('http');
    patchBuiltin('http');
    onFirstUse('https', options.startsAsEsm, () => patchBuiltin('https'));
  }
  for (const name of ['dns', 'fs', 'net']) {
    if (options.isEnabled(name)) {
      start(name);
      for (const builtin of BUILTINS[name] ?? []) patchBuiltin(builtin);
    }
  }
  if (options.isEnabled('sqlite') && hasSqlite()) {
    onFirstUse('sqlite', options.startsAsEsm, () => {
      chunk<{ instrumentSqlite(version: string): void }>('sqlite').instrumentSqlite(
        options.version,
      );
    });
  }
  const stopFetch = options.isEnabled('undici')
    ? onFirstFetch(() => start('undici') as FetchInstrumentation | undefined)
    : () => {};

  return () => {
    stopModules();
    stopFetch();
  };
}

const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  dns: ['dns', 'dns/promises'],
  fs: ['fs', 'fs/promises'],
  net: ['net'],
};

/** `module.registerHooks` and `node:sqlite` without a flag are both there from 22.15 on. */
function hasSqlite(): boolean {
  return process.getBuiltinModule !== undefined && 'registerHooks' in require('node:module');
}

function construct(name: string, options: InstrumentOptions): unknown {
  try {
    const { I } = chunk<{ I: new (config: object) => unknown }>(name);
    return new I(options.configOf(name));
  } catch (error) {
    warnOnce(`instrumentation ${name} does not start: ${String(error)}`);
    return undefined;
  }
}

/** Chunks lie beside this file in `dist`; an app that bundles us must keep the folder. */
function chunk<T>(name: string): T {
  return require(`./i/${name}.cjs`) as T;
}
