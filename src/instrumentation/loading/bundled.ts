import { sep } from 'node:path';
import { BUNDLE_KEY } from '../../bundle-key.ts';
import { appBaseClasses, applyAppInstrumentations } from './app-instrumentations.ts';
import { BASE_CLASS } from './base-class.ts';
import { applyToNamespace } from './esm.ts';
import { applyHooks } from './hooks.ts';
import { guarded, type LoadedFile } from './module-load.ts';
import { bundledFolder, bundledVersion } from './versions.ts';
import { replacementOf } from './xray-sdk-facade.ts';

/**
 * What a module in a bundle passes when it has run. `otel-xray/esbuild` and the other plugins add the
 * code that does this, because the loaders of Node never see such a module.
 */
export type BundledModule = [
  /** The exports; hooks may replace the ones of a CommonJS module. */
  exports: unknown,
  /** Name by which hooks know the file, with `/`: `pg`, or `pg/lib/client.js`. */
  name: string,
  packageName: string,
  version: string,
  /** For an ES module: assigns each export. */
  setters?: Setters,
];

type Setters = Readonly<Record<string, (value: unknown) => void>>;

/**
 * Property of the global object that modules in a bundle push to. An array until otel-xray starts, so
 * that a bundle runs without it.
 */
const BUNDLE: symbol = Symbol.for(BUNDLE_KEY);

interface Receiver {
  push(module: BundledModule): void;
  /** Returns what stands in for a file of the X-Ray SDK. */
  readonly replacement?: (name: string) => { readonly exports: unknown } | undefined;
}

/**
 * Receives the modules of a bundle and runs the hooks of all instrumentations over their exports.
 *
 * @param onPackage called before the hooks run
 * @param answersXRaySdk whether files of the X-Ray SDK are replaced by the facade
 * @returns the packages of modules that ran earlier, and a function that stops receiving
 * @see docs/spec/packaging.md section 3.3
 */
export function watchBundledModules(
  onPackage: (file: LoadedFile) => void,
  answersXRaySdk: boolean,
): { readonly before: readonly string[]; stop(): void } {
  const holder = globalThis as Record<symbol, unknown>;
  const early = holder[BUNDLE];
  const receiver: Receiver = {
    push(module) {
      guarded(module[2], () => receive(module, onPackage));
    },
    ...(answersXRaySdk && { replacement: replacementOf }),
  };
  holder[BUNDLE] = receiver;
  return {
    before: Array.isArray(early)
      ? early.map(([, , packageName]: BundledModule) => packageName)
      : [],
    stop() {
      if (holder[BUNDLE] === receiver) holder[BUNDLE] = undefined;
    },
  };
}

function receive(module: BundledModule, onPackage: (file: LoadedFile) => void): void {
  const [exports, slashed, packageName, version, setters] = module;
  const baseDir = bundledFolder(packageName, version);
  for (const base of [BASE_CLASS, ...appBaseClasses()]) readBundledVersions(base.prototype);
  const relativePath = slashed.slice(packageName.length + 1).replaceAll('/', sep);
  onPackage({ packageName, baseDir, relativePath });
  const name = relativePath === '' ? packageName : `${packageName}${sep}${relativePath}`;
  if (setters !== undefined) applyToNamespace(namespace(exports as object, setters), name, baseDir);
  else module[0] = applyAppInstrumentations(applyHooks(exports, name, baseDir), name, baseDir);
}

/** The method by which an instrumentation finds the version of a package; private there. */
interface VersionReader {
  _extractPackageVersion?(baseDir: string): string | undefined;
}

const patched = new WeakSet<VersionReader>();

/** A package in a bundle has no `package.json`; the plugin has recorded its version. */
function readBundledVersions(prototype: object): void {
  const reader = prototype as VersionReader;
  const original = reader._extractPackageVersion;
  if (original === undefined || patched.has(reader)) return;
  patched.add(reader);
  reader._extractPackageVersion = function (baseDir) {
    return bundledVersion(baseDir) ?? original.call(this, baseDir);
  };
}

/**
 * Returns the exports of an ES module as import-in-the-middle presents them: a Proxy that can be
 * written.
 */
function namespace(exports: object, setters: Setters): object {
  Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
  return new Proxy(exports, {
    // An assignment ends up here too.
    defineProperty(target, name, descriptor) {
      const isDefined = Reflect.defineProperty(target, name, descriptor);
      if (isDefined && 'value' in descriptor) setters[name as string]?.(descriptor.value);
      return isDefined;
    },
  });
}
