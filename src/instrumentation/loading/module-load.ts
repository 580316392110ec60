import { Module } from 'node:module';
import { isAbsolute, sep } from 'node:path';
import { warnOnce } from '../../diagnostics.ts';
import { watchRun } from '../../module-run.ts';
import { withRealFiles } from '../../real-files.ts';
import { type AnyFunction, named } from '../wrap/same-shape.ts';
import { applyAppInstrumentations } from './app-instrumentations.ts';
import { applyHooks } from './hooks.ts';
import { chooseMethod } from './method-choice.ts';

/** The part of Node's `Module` that loads a CommonJS file. Internal, but the same in Node 20 to 26. */
interface LoadableModule {
  /** Its path; `.` for the entry point. */
  readonly id: string;
  exports: unknown;
  /** The module that required it; absent if it was imported. */
  readonly parent?: object | null | undefined;
  filename: string;
  loaded: boolean;
  load(filename: string): void;
}

export interface LoadedFile {
  /** Name of the package, e.g. `express` or `@hapi/hapi`. */
  readonly packageName: string;
  /** Folder of the package. */
  readonly baseDir: string;
  /** Path of the file in the package, without a leading separator. */
  readonly relativePath: string;
}

const FOLDER = `${sep}node_modules${sep}`;

/** Returns the package that a file belongs to; `undefined` outside `node_modules`. */
export function packageOfFile(filename: string): LoadedFile | undefined {
  const at = filename.lastIndexOf(FOLDER);
  if (at < 0) return undefined;
  const start = at + FOLDER.length;
  let end = filename.indexOf(sep, start);
  if (filename[start] === '@' && end > 0) end = filename.indexOf(sep, end + 1);
  if (end < 0) return undefined;
  return {
    packageName: filename.slice(start, end).replaceAll('\\', '/'),
    baseDir: filename.slice(0, end),
    relativePath: filename.slice(end + 1),
  };
}

/**
 * Watches every CommonJS file of the given packages as it loads, whether required or imported.
 *
 * Patches `Module.prototype.load`, which runs once per file; other files get Node.js' own function. `onPackage` is called before the file
 * runs, so that the instrumentation is ready when internal files of the package load. After the file
 * has run, the hooks of all instrumentations receive its exports.
 *
 * @param wants whether files of this package are of interest
 * @param onPackage called before each such file loads
 * @param replacement exports that stand in for those of a file, which then does not run
 * @returns restores the original function
 * @see docs/spec/packaging.md section 3.1, which measured this against require- and import-in-the-middle
 */
export function watchModuleLoads(
  wants: (packageName: string) => boolean,
  onPackage: (file: LoadedFile) => void,
  replacement: (file: LoadedFile, name: string) => { readonly exports: unknown } | undefined = () =>
    undefined,
): () => void {
  const prototype = Module.prototype as unknown as LoadableModule;
  const original = prototype.load;
  const load = function (this: LoadableModule, filename: string): void {
    const file = packageOfFile(filename);
    if (file === undefined || !wants(file.packageName)) {
      original.call(this, filename);
      return;
    }
    const instead = replacement(file, filename);
    if (instead !== undefined) {
      this.exports = instead.exports;
      this.filename = filename;
      this.loaded = true;
      return;
    }
    guarded(file.packageName, () => onPackage(file));
    const end = watchRun(this, () => {
      guarded(file.packageName, () => {
        const name = hookName(file, filename);
        this.exports = applyHooks(this.exports, name, file.baseDir);
        if (!this.parent) this.exports = applyAppInstrumentations(this.exports, name, file.baseDir);
      });
    });
    try {
      original.call(this, filename);
    } finally {
      end();
    }
  };
  named(original as AnyFunction, load as AnyFunction);
  const mayBeWanted = ({ id }: LoadableModule): boolean => {
    if (typeof id !== 'string' || !isAbsolute(id)) return true;
    const file = packageOfFile(id);
    return file !== undefined && wants(file.packageName);
  };
  const loadOwn = function (this: LoadableModule, filename: string): void {
    withRealFiles(() => original.call(this, filename));
  };
  return chooseMethod(prototype, 'load', (module) => {
    if (isOwn(module)) return loadOwn;
    return mayBeWanted(module) ? load : original;
  });
}

const OWN_FOLDER = import.meta.dirname + sep;

/** Returns whether a module is a part of this package that is loaded when it is needed. */
function isOwn({ id }: LoadableModule): boolean {
  return typeof id === 'string' && id.startsWith(OWN_FOLDER);
}

/** Runs code of an instrumentation whose failure must not prevent the app's module from loading. */
export function guarded(packageName: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    warnOnce(`${packageName} is not instrumented: ${String(error)}`);
  }
}

/** Returns the name by which hooks know a file: the package's name for its main file, else `pg/lib/client.js`. */
export function hookName(
  { packageName, baseDir, relativePath }: LoadedFile,
  filename: string,
): string {
  return mainFile(packageName, baseDir) === filename
    ? packageName
    : `${packageName}${sep}${relativePath}`;
}

const mainFiles = new Map<string, string | undefined>();

function mainFile(packageName: string, baseDir: string): string | undefined {
  if (!mainFiles.has(baseDir)) mainFiles.set(baseDir, resolvedMain(packageName, baseDir));
  return mainFiles.get(baseDir);
}

function resolvedMain(packageName: string, baseDir: string): string | undefined {
  try {
    return Module.createRequire(baseDir + sep).resolve(packageName);
  } catch {
    // A package without a CommonJS main file; hooks know its files by their paths.
    return undefined;
  }
}
