import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

const BY_EXTENSION: Readonly<Record<string, boolean>> = {
  '.mjs': true,
  '.mts': true,
  '.cjs': false,
  '.cts': false,
};

/**
 * Whether Node will load this entry point as an ES module.
 *
 * @param file `process.argv[1]`; `undefined` for `node -e` and the REPL
 */
export function isEsmEntry(file: string | undefined): boolean {
  if (file === undefined) return false;
  return BY_EXTENSION[extname(file)] ?? packageType(dirname(file)) === 'module';
}

function packageType(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).type;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? undefined : packageType(parent);
  }
}
