import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

const BY_EXTENSION: Readonly<Record<string, boolean>> = {
  '.mjs': true,
  '.mts': true,
  '.cjs': false,
  '.cts': false,
};

/**
 * Returns whether Node.js will load this entry point as an ES module.
 *
 * Decides by the extension, then by `type` in the nearest package.json, then by the text: Node.js
 * runs a file with ES module syntax as an ES module, recognized here by a line that begins with
 * `import` or `export`. A false positive costs one hook; a false negative loses pure ESM packages.
 *
 * @param file `process.argv[1]`; `undefined` for `node -e` and the REPL
 * @see https://nodejs.org/api/packages.html#determining-module-system
 */
export function isEsmEntry(file: string | undefined): boolean {
  if (file === undefined) return false;
  const byExtension = BY_EXTENSION[extname(file)];
  if (byExtension !== undefined) return byExtension;
  const type = packageType(dirname(file));
  return type === undefined ? hasModuleSyntax(file) : type === 'module';
}

/** Returns the `type` of the nearest package.json. */
function packageType(folder: string): unknown {
  const text = textOf(join(folder, 'package.json'));
  if (text !== undefined) return typeIn(text);
  const parent = dirname(folder);
  return parent === folder ? undefined : packageType(parent);
}

function typeIn(text: string): unknown {
  try {
    return JSON.parse(text).type;
  } catch {
    return undefined;
  }
}

function hasModuleSyntax(file: string): boolean {
  return /^\s*(?:import[\s"'{*]|export[\s{*])/m.test(textOf(file) ?? '');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const PACKAGE_MANAGER =
  /[\\/](?:(?:npm|npx)(?:-cli)?|pnpm|pnpx|corepack|yarn(?:pkg)?(?:-\d[\w.-]*)?)(?:\.[cm]?js)?$/;

/**
 * Returns whether the process is a package manager, which runs the app as a child process. With
 * `NODE_OPTIONS=--import otel-xray/register npm start`, npm itself loads this package too.
 *
 * @param entry `process.argv[1]`
 */
export function isPackageManager(entry: string | undefined): boolean {
  return entry !== undefined && PACKAGE_MANAGER.test(entry);
}
