import { type Change, changed } from './changed.ts';

const FILE = /@opentelemetry[\\/]sdk-trace[\\/]build[\\/]esm[\\/](Span\.js|Tracer\.js)$/;

/** Changes of the modules of the SDK that have the same reason, by file. */
export type SdkPatch = Readonly<Partial<Record<'Span.js' | 'Tracer.js', readonly Change[]>>>;

/** What a plugin does to change the SDK. */
interface SdkChanges {
  /** Returns the changed code of a module; `null` for modules that do not change. */
  transform(code: string, id: string): { readonly code: string; readonly map: null } | null;
  /** @throws {Error} if a module that changes was not found */
  buildEnd(): void;
}

/**
 * Returns the parts of a plugin that changes the compiled-in SDK.
 *
 * @param helpers path of the module with the functions that the new code calls as `__name()`
 * @throws {Error} if the SDK no longer contains the code that is replaced
 */
export function changedSdk(patches: readonly SdkPatch[], helpers: string): SdkChanges {
  const missing = new Set(patches.flatMap((patch) => Object.keys(patch)));
  return {
    transform(code, id) {
      const file = FILE.exec(id)?.[1] as keyof SdkPatch | undefined;
      const changes = patches.flatMap((patch) => (file === undefined ? [] : (patch[file] ?? [])));
      if (file === undefined || changes.length === 0) return null;
      missing.delete(file);
      return { code: importsOf(changes, helpers) + changed(code, id, changes), map: null };
    },
    buildEnd() {
      if (missing.size > 0) throw new Error(`not found in the SDK: ${[...missing]}`);
    },
  };
}

function importsOf(changes: readonly Change[], helpers: string): string {
  const calls = changes.flatMap(([, to]) => [...to.matchAll(/\b__(\w+)\(/g)]);
  const names = [...new Set(calls.map(([, name]) => `${name} as __${name}`))];
  return names.length === 0 ? '' : `import { ${names} } from ${JSON.stringify(helpers)};\n`;
}
