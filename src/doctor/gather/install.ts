import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { INSTRUMENTATIONS } from '../../instrumentation/table.ts';
import type { InstallFacts, PackageCopy } from '../facts.ts';

const API = '@opentelemetry/api';
/** Tracers that are started by a flag or by the first import, like otel-xray. */
const TRACERS = [
  '@aws/aws-distro-opentelemetry-node-autoinstrumentation',
  '@opentelemetry/auto-instrumentations-node',
  '@opentelemetry/sdk-node',
  '@sentry/node',
  'aws-xray-sdk',
  'aws-xray-sdk-core',
  'dd-trace',
  'elastic-apm-node',
  'newrelic',
];
/** Packages whose instrumentation does not support every version. */
const VERSIONED = new Set(INSTRUMENTATIONS.flatMap(({ below }) => Object.keys(below)));
/** Largest number of directories to search. */
const MAX_FOLDERS = 20_000;

/**
 * Searches `node_modules` in the directory of the application and in its parent directories.
 *
 * @param app directory of the application
 * @param own a file of this package, from which the API is resolved as in `register`
 */
export function installFacts(app: string, own: string): InstallFacts {
  const apis: PackageCopy[] = [];
  const tracers: PackageCopy[] = [];
  const versioned: PackageCopy[] = [];
  const seen = new Set<string>();
  let folders = 0;

  const look = (modules: string): void => {
    for (const entry of names(modules)) {
      if (entry === '.pnpm')
        for (const store of names(join(modules, entry))) inner(modules, entry, store);
      else if (entry.startsWith('@'))
        for (const name of names(join(modules, entry))) visit(modules, `${entry}/${name}`);
      else if (!entry.startsWith('.')) visit(modules, entry);
    }
  };
  const inner = (modules: string, ...parts: readonly string[]): void => {
    look(join(modules, ...parts, 'node_modules'));
  };
  const visit = (modules: string, name: string): void => {
    const folder = join(modules, name);
    folders += 1;
    if (folders > MAX_FOLDERS) return;
    const wanted = listOf(name);
    const real = realPath(folder);
    if (wanted !== undefined && real !== undefined && !seen.has(real)) {
      seen.add(real);
      const version = versionOf(folder);
      if (version !== undefined)
        wanted.push({ name, version, path: relative(app, folder) || folder });
    }
    // A link is not followed: its target is searched at its real path.
    if (isFolder(folder)) inner(modules, name);
  };
  const listOf = (name: string): PackageCopy[] | undefined => {
    if (name === API) return apis;
    if (VERSIONED.has(name)) return versioned;
    return TRACERS.includes(name) ? tracers : undefined;
  };
  for (const folder of withParents(app)) look(join(folder, 'node_modules'));
  return {
    apis,
    tracers,
    versioned,
    ownApi: resolvedApi(own),
    dependencies: dependenciesOf(app),
  };
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function versionOf(folder: string): string | undefined {
  const { version } = packageJson(folder) as { version?: unknown };
  return typeof version === 'string' ? version : undefined;
}

function dependenciesOf(app: string): readonly string[] {
  const { dependencies } = packageJson(app) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies ?? {});
}

function packageJson(folder: string): object {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Returns the version of the API that a file resolves. Read by path: 1.10 does not export
 * package.json.
 */
function resolvedApi(file: string): string | undefined {
  try {
    const main = createRequire(file).resolve(API);
    const end = main.lastIndexOf(join('node_modules', API));
    return versionOf(main.slice(0, end + join('node_modules', API).length));
  } catch {
    return undefined;
  }
}

function withParents(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
