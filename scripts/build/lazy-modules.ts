import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Plugin } from 'rolldown';

const LATE = '\0late:';

/** Names of the chunks of these modules, and where they are. */
export function lateEntries(modules: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(modules.map((file) => [nameOf(file), file]));
}

/**
 * Makes chunks of modules that only export functions: each loads when the first of its functions is
 * called, where a plain `import` would load it with the importer.
 *
 * The call stays a plain `require`, so that a bundler of an app follows it.
 *
 * @param modules paths of TypeScript files
 */
export function lateModules(modules: readonly string[]): Plugin {
  return {
    name: 'late-modules',
    async resolveId(id, importer, options) {
      if (importer?.startsWith(LATE)) return { id, external: true };
      if (importer === undefined || !id.startsWith('.')) return null;
      const found = await this.resolve(id, importer, { ...options, skipSelf: true });
      return found !== null && modules.includes(found.id) ? `${LATE}${found.id}` : null;
    },
    load: (id) => (id.startsWith(LATE) ? standIn(id.slice(LATE.length)) : null),
  };
}

function standIn(file: string): string {
  const text = readFileSync(file, 'utf8');
  const functions = [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  if (functions.length === 0 || /^export (?:const|class|async|\*|\{)/m.test(text)) {
    throw new Error(`${file} exports more than functions, so it cannot load late`);
  }
  const lines = functions.map(
    (name) =>
      `export function ${name}(...values) { return require('./${nameOf(file)}.cjs').${name}(...values); }`,
  );
  return lines.join('\n');
}

function nameOf(file: string): string {
  return join('late', basename(file, '.ts'));
}
