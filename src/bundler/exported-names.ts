import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { init, parse } from 'es-module-lexer';

/** What is known about a file from its source. */
export interface Syntax {
  readonly isEsModule: boolean;
  /** Names of the exports, without those that other packages may add by `export *`. */
  readonly names: readonly string[];
}

/**
 * Returns whether a file is an ES module, by its syntax as bundlers do, and what it exports.
 *
 * @throws {Error} if the source, or a file it re-exports, cannot be parsed or read
 */
export async function syntaxOf(filename: string, source: string): Promise<Syntax> {
  await init;
  const [, , , isEsModule] = parse(source);
  return { isEsModule, names: isEsModule ? [...exportedNames(filename, source, new Set())] : [] };
}

function exportedNames(
  filename: string,
  source: string,
  visited: Set<string>,
): ReadonlySet<string> {
  visited.add(filename);
  const [, exports] = parse(source);
  const own = new Set<string>();
  const counts = new Map<string, number>();
  for (const each of exports) {
    if (each.type !== 'reexport-all') {
      own.add(each.name);
      continue;
    }
    const target = fileOf(filename, each.from);
    if (target === undefined || visited.has(target)) continue;
    const names = exportedNames(target, readFileSync(target, 'utf8'), visited);
    for (const name of names) if (name !== 'default') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // A name from two `export *` is ambiguous unless both mean the same; `export *` stays in charge of it.
  for (const [name, count] of counts) if (count === 1) own.add(name);
  return own;
}

const ENDINGS = ['', '.js', '.mjs', '/index.js', '/index.mjs'];

/** Returns the file behind a relative specifier. */
function fileOf(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = resolve(dirname(importer), specifier);
  return ENDINGS.map((ending) => path + ending).find(
    (file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true,
  );
}
