import { readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { satisfies } from '@opentelemetry/instrumentation/build/esm/semver.js';
import { channelUse } from '../instrumentation/channels/sets.ts';
import { tooNew, tooNewFix, tooNewText } from '../instrumentation/known-versions.ts';
import { packageOfFile } from '../instrumentation/loading/module-load.ts';
import { ANSWERED_FILES, ANSWERED_PACKAGES } from '../xray-sdk/package-names.ts';
import { HOOKED_PACKAGES, type HookedFile, hookedFiles } from './hooked-files.ts';

/** A file of a package that takes part in tracing when it is part of a bundle. */
export interface Target {
  readonly packageName: string;
  /** Name by which hooks know it: `pg`, or `pg/lib/client.js`. */
  readonly name: string;
  readonly version: string;
  /** Whether it belongs to the X-Ray SDK, whose files are replaced and not changed. */
  readonly isXRaySdk: boolean;
}

/** Returns what the plugin changes in a file; `undefined` leaves the file as it is. */
export type FindTarget = (file: string) => Target | undefined;

const PACKAGES = [...HOOKED_PACKAGES, ...ANSWERED_PACKAGES];

/**
 * Matches the JavaScript files of every package that may be a target. Without lookaround, because
 * esbuild and rolldown run it in Go and Rust.
 */
export const TARGET_FILES: RegExp = new RegExp(
  `[\\\\/]node_modules[\\\\/](?:${PACKAGES.map(pattern).join('|')})[\\\\/](?:[^?]*[\\\\/])?[^?\\\\/]+\\.[cm]?js$`,
);

function pattern(packageName: string): string {
  return packageName.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]');
}

/** The part of a package.json that names the package and its main files. */
interface Manifest {
  readonly version: string;
  readonly [key: string]: unknown;
}

export interface TargetDeps {
  /** Called for each package that is left unchanged, with the reason. */
  readonly warn: (message: string) => void;
  /** Whether files of the X-Ray SDK are targets. */
  readonly xraySdkFacade: boolean;
  readonly hookedFiles?: (packageName: string) => readonly HookedFile[];
}

/**
 * Returns a function that recognizes files by their path and by the package.json of their package,
 * which it reads once.
 */
export function targetFinder(deps: TargetDeps): FindTarget {
  const { warn, xraySdkFacade } = deps;
  const filesOf = deps.hookedFiles ?? hookedFiles;
  const manifests = new Map<string, Manifest | undefined>();
  const manifestOf = (packageName: string, baseDir: string): Manifest | undefined => {
    if (!manifests.has(baseDir)) {
      manifests.set(
        baseDir,
        readManifest(packageName, baseDir, (reason) =>
          warn(`${packageName} is left unchanged and not traced: ${reason}`),
        ),
      );
    }
    return manifests.get(baseDir);
  };
  return (filename) => {
    const file = packageOfFile(filename);
    if (file === undefined) return undefined;
    const { packageName, baseDir } = file;
    const isXRaySdk = packageName.startsWith('aws-xray-sdk');
    if (isXRaySdk ? !xraySdkFacade : !HOOKED_PACKAGES.includes(packageName)) return undefined;
    const manifest = manifestOf(packageName, baseDir);
    if (manifest === undefined) return undefined;
    const relativePath = file.relativePath.split(sep).join('/');
    const names = [
      ...(mainFiles(manifest).has(relativePath) ? [packageName] : []),
      ...commonJsTwins(relativePath).map((path) => `${packageName}/${path}`),
    ];
    const name = isXRaySdk
      ? names.find((each) => ANSWERED.includes(each))
      : hookedName(filesOf(packageName), manifest.version, names);
    return name === undefined
      ? undefined
      : { packageName, name, version: manifest.version, isXRaySdk };
  };
}

const ANSWERED: readonly string[] = [...ANSWERED_PACKAGES, ...ANSWERED_FILES];

function readManifest(
  packageName: string,
  baseDir: string,
  reject: (reason: string) => void,
): Manifest | undefined {
  const path = join(baseDir, 'package.json');
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    reject(`${path} cannot be read (${(error as Error).message})`);
    return undefined;
  }
  const { version } = manifest;
  if (typeof version !== 'string') {
    reject(`${path} has no version`);
    return undefined;
  }
  const newer = tooNew(packageName, version);
  // Such a version may be traced by what it publishes on its own.
  if (newer !== undefined && channelUse({ packageName, baseDir }) !== 'instead') {
    reject(`${tooNewText(newer)}. ${tooNewFix(newer)}`);
    return undefined;
  }
  return { ...manifest, version };
}

function hookedName(
  files: readonly HookedFile[],
  version: string,
  names: readonly string[],
): string | undefined {
  const supported = files.filter(
    ({ versions }) => versions?.some((range) => satisfies(version, range)) ?? true,
  );
  return names.find((name) => supported.some((file) => file.name === name));
}

/** Fields of a package.json that name its main file to Node and to bundlers. */
const MAIN_FIELDS = ['main', 'module', 'jsnext:main', 'jsnext'];

/** Returns the paths that the name of the package may resolve to, under any condition. */
function mainFiles(manifest: Manifest): ReadonlySet<string> {
  const fields = MAIN_FIELDS.map((field) => manifest[field]).filter(isText);
  const main = fields.length === 0 ? ['index.js'] : fields.flatMap(withExtensions);
  return new Set([...main, ...exportedFiles(manifest['exports'])].map((path) => posix.join(path)));
}

function withExtensions(path: string): readonly string[] {
  return [path, `${path}.js`, posix.join(path, 'index.js')];
}

/** Returns the files of `.` in the `exports` of a package.json. */
function exportedFiles(exports: unknown): readonly string[] {
  if (isText(exports)) return [exports];
  if (Array.isArray(exports)) return exports.flatMap(exportedFiles);
  if (typeof exports !== 'object' || exports === null) return [];
  return Object.entries(exports)
    .filter(([key]) => key === '.' || !key.startsWith('.'))
    .flatMap(([, value]) => exportedFiles(value));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** How packages name the folder of their ES modules, and of the CommonJS files with the same names. */
const FOLDER_TWINS: Readonly<Record<string, readonly string[]>> = {
  'dist-es': ['dist-cjs'],
  esm: ['cjs'],
  es: ['lib', 'cjs'],
};

/**
 * Returns the path itself, and the CommonJS file that has the same content: hooks are named after the
 * files that Node loads, but bundlers prefer the ES modules of a package.
 */
function commonJsTwins(path: string): readonly string[] {
  const folders = path.split('/');
  const twins = folders.flatMap((folder, index) =>
    (FOLDER_TWINS[folder] ?? []).map((twin) => folders.with(index, twin).join('/')),
  );
  const files = [path, ...twins];
  return [...files, ...files.map((file) => file.replace(/\.mjs$/, '.js'))];
}
