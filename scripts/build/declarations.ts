import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A relative import in a declaration, also as `import('./file.ts')`. */
const IMPORT = /(?:\bfrom |\bimport\(|\bimport |path=)['"](\.{1,2}\/[^'"]+)['"]/g;

/**
 * Deletes declarations that no entry of the package needs: the compiler writes one for every source
 * file, and two of three describe internals that no app can import.
 *
 * @param folder has the declarations
 * @param entries paths of the declarations that `package.json` names
 */
export function removeUnusedDeclarations(folder: string, entries: readonly string[]): void {
  const used = new Set<string>();
  const waiting = entries.map((entry) => resolve(entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (used.has(file)) continue;
    used.add(file);
    waiting.push(...importsOf(file));
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = resolve(folder, name);
    if (name.endsWith('.d.ts') && !used.has(file)) rmSync(file);
  }
}

/** @throws Error if there is no declaration for an import */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].map(([, path = '']) => {
    const imported = join(dirname(file), path.replace(/(?:\.d)?\.[jt]s$/, '.d.ts'));
    if (!existsSync(imported)) throw new Error(`${file}: no declarations for ${path}`);
    return imported;
  });
}
