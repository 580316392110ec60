import { createRequire } from 'node:module';
import { isAbsolute, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyAppInstrumentations } from './app-instrumentations.ts';
import { applyHooks } from './hooks.ts';
import { guarded, type LoadedFile, packageOfFile } from './module-load.ts';
import {
  type Load,
  type NextResolve,
  onFirstImport,
  type Resolve,
  type ResolveContext,
  type Resolved,
  registerHooks,
} from './resolve-hook.ts';

const require = createRequire(import.meta.url);

/**
 * The lowest versions of Node whose synchronous load hook accepts a CommonJS file without its source.
 * With a hook, older versions fail to load `express` and skip files of `pg`.
 *
 * @see https://github.com/nodejs/node/pull/59929
 */
const LOWEST: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  22: [22, 3],
  24: [11, 1],
  25: [1, 0],
};

/** Returns whether ES modules can be wrapped in this version of Node, e.g. `24.11.1`. */
export function canWrapEsModules(node: string): boolean {
  const [major = 0, minor = 0, patch = 0] = node
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  if (major >= 26) return true;
  const lowest = LOWEST[major];
  if (lowest === undefined) return false;
  return minor > lowest[0] || (minor === lowest[0] && patch >= lowest[1]);
}

/** The part of import-in-the-middle that wraps modules. */
interface Wrapper {
  readonly resolveSync: Resolve;
  readonly loadSync: Load;
  readonly places: Places;
}

/** The part of it that the wrapped modules call. */
interface Register {
  readonly importHooks: ((url: string, exports: unknown, specifier: string) => void)[];
}

interface Places {
  /** The URL of the wrapper. There is no such file. */
  readonly hook: string;
  /** The URL from which wrapped modules import {@link Register}. There is no such file. */
  readonly asked: string;
  readonly register: string;
}

/** Called only for apps with ES modules: the first URL that a process creates takes a millisecond. */
function places(): Places {
  const hook = new URL('iitm/hook.mjs', import.meta.url).href;
  return {
    hook,
    asked: new URL('lib/register.js', hook).href,
    register: new URL('iitm/register.cjs', import.meta.url).href,
  };
}

/** A file that may be a server that a framework has built, or a part of one that it develops. */
export const SERVER_BUILD: RegExp =
  /\/(?:server\/(?:entry(?:\.[\w-]+)?|index|(?:main\.)?server|q-[\w-]+|(?:assets|chunks|ssr|_\w+)\/[^?]+)\.m?js|\.(?:nuxt|nitro)\/dev\/index\.mjs|node_modules\/(?:h3\/dist\/[^?]+\.mjs|vike\/dist\/[^?]+\/render[^?]+\.js|vite\/dist\/node\/module-runner\.js|@tanstack\/(?:router-core\/dist\/esm\/load[^/?]+|\w+-router\/dist\/esm\/ssr\/render[^/?]+)\.js))$/;

/**
 * Watches packages that load as ES modules, which `Module.prototype.load` does not see.
 *
 * A `resolve` hook detects them. The code that wraps modules, and the `load` hook, are loaded when a
 * bare specifier, a path or a URL first resolves to an ES module of a wanted package. Specifiers
 * inside such a package are not wrapped, because exports would be missing.
 *
 * @param wants whether files of this package are of interest
 * @param onPackage called before such a package loads
 * @param onAnyPackage called before any package loads as an ES module, wanted or not
 * @param serverBuilds returns a `load` hook for servers that a framework has built
 * @see docs/spec/packaging.md section 3.1
 */
export function watchEsModules(
  startsAsEsm: boolean,
  wants: (packageName: string) => boolean,
  onPackage: (file: LoadedFile) => void,
  onAnyPackage: (file: LoadedFile) => void,
  serverBuilds: () => Load | undefined,
): () => void {
  if (registerHooks === undefined || !canWrapEsModules(process.versions.node)) return () => {};
  const register = registerHooks;
  const undo: (() => void)[] = [];
  let wrapper: Wrapper | undefined;
  const wrapperInUse = (): Wrapper => {
    if (wrapper !== undefined) return wrapper;
    const made = loadWrapper();
    const hooks = register({ load: made.loadSync });
    undo.push(() => hooks.deregister());
    wrapper = made;
    return made;
  };

  let editsBuilds = false;
  const editServerBuilds = (): void => {
    if (editsBuilds) return;
    editsBuilds = true;
    const load = serverBuilds();
    if (load === undefined) return;
    const hooks = register({ load });
    undo.push(() => hooks.deregister());
  };

  const resolve: Resolve = (specifier, context, next) => {
    if (wrapper !== undefined) {
      if (specifier === wrapper.places.asked) {
        return { url: wrapper.places.register, format: 'commonjs', shortCircuit: true };
      }
      // A wrapper module names the wrapped module by its URL and the query `iitm`.
      if (specifier.includes('iitm=')) return wrapper.resolveSync(specifier, context, next);
    }
    const result = next(specifier, context);
    if (SERVER_BUILD.test(result.url)) editServerBuilds();
    if (result.format !== 'module' || isRequire(context)) return result;
    const file = fromOutside(specifier, context, result);
    if (file === undefined) return result;
    guarded(file.packageName, () => onAnyPackage(file));
    if (!wants(file.packageName)) return result;
    guarded(file.packageName, () => onPackage(file));
    if (names(specifier, file)) return wrapperInUse().resolveSync(specifier, context, next);
    // Node.js changes the context when another specifier is resolved.
    const ownContext = { ...context };
    const name = bareSpecifier(file, specifier, context, result, next);
    const nextResolve: NextResolve = (other, otherContext) =>
      other === name ? result : next(other, otherContext);
    return wrapperInUse().resolveSync(name, ownContext, nextResolve);
  };

  const stopWaiting = onFirstImport(startsAsEsm, () => {
    const hooks = register({ resolve });
    undo.push(() => hooks.deregister());
  });
  return () => {
    stopWaiting();
    for (const step of undo.splice(0)) step();
  };
}

function loadWrapper(): Wrapper {
  const { createHook } = require('./iitm/create.cjs') as {
    createHook(meta: { readonly url: string }): Omit<Wrapper, 'places'>;
  };
  const { importHooks } = require('./iitm/register.cjs') as Register;
  importHooks.push((url, exports, specifier) => {
    const file = fileOf(url);
    if (file === undefined) return;
    guarded(file.packageName, () => onEsModule(file, exports as object, specifier));
  });
  const found = places();
  const { resolveSync, loadSync } = createHook({ url: found.hook });
  return { resolveSync, loadSync, places: found };
}

function onEsModule(file: LoadedFile, exports: object, specifier: string): void {
  const { packageName, relativePath, baseDir } = file;
  const name = specifier === packageName ? packageName : `${packageName}${sep}${relativePath}`;
  applyToNamespace(exports, name, baseDir);
}

/**
 * Runs every hook over the exports of an ES module.
 *
 * Its namespace cannot be replaced, so the result of a hook becomes `default`.
 */
export function applyToNamespace(
  exports: { default?: unknown },
  name: string,
  baseDir: string,
): void {
  const result = applyAppInstrumentations(applyHooks(exports, name, baseDir), name, baseDir);
  if (result !== exports && 'default' in exports) exports.default = result;
}

function fileOf(url: string): LoadedFile | undefined {
  return url.startsWith('file:') ? packageOfFile(fileURLToPath(url)) : undefined;
}

/** Returns the file of a package that a module outside the package imports. */
function fromOutside(
  specifier: string,
  { parentURL }: ResolveContext,
  { url }: Resolved,
): LoadedFile | undefined {
  if (specifier.startsWith('.')) return undefined;
  const file = fileOf(url);
  if (file === undefined || isBare(specifier) || parentURL === undefined) return file;
  return fileOf(parentURL)?.baseDir === file.baseDir ? undefined : file;
}

/** Returns whether a specifier has the name of the package, or that and a path in it. */
function names(specifier: string, { packageName }: LoadedFile): boolean {
  return specifier === packageName || specifier.startsWith(`${packageName}/`);
}

/**
 * Returns the name of a package if another specifier is that of its main file; otherwise the specifier.
 * Development servers import packages by paths and URLs, and Next.js by links with a hash in their name.
 */
function bareSpecifier(
  { packageName }: LoadedFile,
  specifier: string,
  context: ResolveContext,
  { url }: Resolved,
  next: NextResolve,
): string {
  try {
    return next(packageName, { ...context, parentURL: url }).url === url ? packageName : specifier;
  } catch {
    return specifier;
  }
}

function isBare(specifier: string): boolean {
  return !specifier.startsWith('.') && !isAbsolute(specifier) && !specifier.includes(':');
}

function isRequire({ conditions }: ResolveContext): boolean {
  return conditions?.includes('require') === true;
}
