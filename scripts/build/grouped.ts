import type { CodeSplittingGroup, Plugin } from 'rolldown';

/** A chunk that holds all that a module imports, and is not in a group before. */
export interface Group {
  readonly name: string;
  readonly entries: readonly string[];
}

/**
 * One file for what is loaded together: fifteen chunks, as they come of themselves, cost the start
 * 4 ms more than one.
 */
export function grouped(groups: readonly Group[]): {
  readonly plugin: Plugin;
  readonly splitting: CodeSplittingGroup[];
} {
  // The bundler's own helpers, without which no other chunk can do.
  const groupOf = new Map<string, string>([['\0rolldown/runtime.js', groups[0]?.name ?? '']]);
  return {
    plugin: {
      name: 'grouped',
      buildEnd() {
        for (const { name, entries } of groups) {
          const waiting = [...entries];
          for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
            if (groupOf.has(id)) continue;
            const found = this.getModuleInfo(id);
            if (found === null) throw new Error(`chunk ${name}: no module ${id}`);
            groupOf.set(id, name);
            waiting.push(
              ...found.importedIds.filter((imported) => this.getModuleInfo(imported)?.code),
            );
          }
        }
      },
    },
    splitting: groups.map(({ name }) => ({ name, test: (id) => groupOf.get(id) === name })),
  };
}
