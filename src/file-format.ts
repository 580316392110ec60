import { readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

/** How Node.js will load a file; `undefined` if that is not known before it does. */
export type Format = 'module' | 'commonjs' | undefined;

const BY_EXTENSION: Readonly<Record<string, Format>> = {
  '.mjs': 'module',
  '.mts': 'module',
  '.cjs': 'commonjs',
  '.cts': 'commonjs',
};

/** A line that begins a statement of an ES module. */
const MODULE_LINE = /^\s*(?:import[\s"'{*]|export[\s{*])/m;
/** No ES module that loads another is without one of these words; `import()` and comments have them, too. */
const MODULE_WORD = /\b(?:import|export)\b/;
/** Node.js does not look for ES module syntax in other files. */
const SCRIPT = /\.[jt]s$/;

/**
 * Returns how Node.js will load this entry point.
 *
 * Decides by the extension, then by `type` in the nearest package.json, then by the text: Node.js
 * runs a file with ES module syntax as an ES module, recognized here by a line that begins with
 * `import` or `export`. To take CommonJS for an ES module costs one hook; the reverse loses pure ESM
 * packages.
 *
 * @param file `process.argv[1]`; `undefined` for `node -e` and the REPL
 * @see https://nodejs.org/api/packages.html#determining-module-system
 */
export function entryFormat(file: string | undefined): Format {
  // In a single executable application, the entry point is the executable.
  if (file === undefined || file === process.execPath) return undefined;
  const byExtension = BY_EXTENSION[extname(file)];
  if (byExtension !== undefined) return byExtension;
  const type = packageType(dirname(realPath(file)));
  if (type === 'module') return 'module';
  const commonjs = SCRIPT.test(file) ? 'commonjs' : undefined;
  if (type !== undefined) return commonjs;
  const text = textOf(file);
  if (text === undefined) return undefined;
  if (MODULE_LINE.test(text)) return 'module';
  return MODULE_WORD.test(text) ? undefined : commonjs;
}

/** Returns whether the extension or the nearest package.json of a file says that it is an ES module. */
export function isDeclaredModule(file: string): boolean {
  return (BY_EXTENSION[extname(file)] ?? packageType(dirname(realPath(file)))) === 'module';
}

/** Returns the file that a link names: one in `node_modules/.bin` belongs to another package. */
function realPath(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return file;
  }
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

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
