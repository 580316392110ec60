import { createRequire } from 'node:module';
import { BASE_PACKAGE } from '../instrumentation/loading/app-instrumentations.ts';
import { hookedNames } from '../instrumentation/loading/hooks.ts';
import { type Definition, definitionsOf, widenRanges } from '../instrumentation/loading/ranges.ts';
import { INSTRUMENTATIONS } from '../instrumentation/table.ts';

/** A file whose exports an instrumentation changes. */
export interface HookedFile {
  /** With `/`: `pg` for the main file of the package, or `pg/lib/client.js`. */
  readonly name: string;
  /** Supported versions of the package as semver ranges; `undefined` for all. */
  readonly versions: readonly string[] | undefined;
}

/** Loads the chunk of an instrumentation, which is next to this file in `dist`. */
export type LoadInstrumentation = (name: string) => { I: new (config: object) => object };

const require = createRequire(import.meta.url);
const loadChunk: LoadInstrumentation = (name) => require(`./i/${name}.cjs`);

/** Every package that has an instrumentation, and the one that the app's own instrumentations extend. */
export const HOOKED_PACKAGES: readonly string[] = [
  ...new Set([...INSTRUMENTATIONS.flatMap(({ modules }) => modules), BASE_PACKAGE]),
];

const known = new Map<string, readonly HookedFile[]>();

/**
 * Returns the files of a package that its instrumentations change, as the instrumentations state
 * them themselves.
 *
 * @throws {Error} if an instrumentation cannot be loaded
 */
export function hookedFiles(
  packageName: string,
  load: LoadInstrumentation = loadChunk,
): readonly HookedFile[] {
  const found = known.get(packageName) ?? readHookedFiles(packageName, load);
  known.set(packageName, found);
  return found;
}

function readHookedFiles(packageName: string, load: LoadInstrumentation): readonly HookedFile[] {
  if (packageName === BASE_PACKAGE) return [{ name: packageName, versions: undefined }];
  return INSTRUMENTATIONS.filter(({ modules }) => modules.includes(packageName)).flatMap((row) => {
    const { I } = load(row.name);
    const made = new I({ enabled: false });
    widenRanges(row.name, made);
    const definitions = definitionsOf(made);
    const files = definitions.filter(({ name }) => name === packageName).flatMap(filesOf);
    return files.length > 0 || definitions.length > 0 ? files : namedByHooks(packageName);
  });
}

function filesOf({ name, supportedVersions, patch, files }: Definition): readonly HookedFile[] {
  const main = patch === undefined ? [] : [{ name, versions: supportedVersions }];
  return [
    ...main,
    ...files.map((file) => ({
      name: file.name.replaceAll('\\', '/'),
      versions: file.supportedVersions,
    })),
  ];
}

/** Instrumentations without definitions have hooks, or need to know only that the package loads. */
function namedByHooks(packageName: string): readonly HookedFile[] {
  const names = hookedNames().map((name) => name.replaceAll('\\', '/'));
  const files = names.filter((name) => name.startsWith(`${packageName}/`));
  return [packageName, ...new Set(files)].map((name) => ({ name, versions: undefined }));
}
