import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const require = createRequire(import.meta.url);

const API = '@opentelemetry/api';
const FACADE = '\0virtual:api';
/** An entry: the copy of the API that `register` lends to the rest (`src/register.ts`). */
export const OWN_API = 'virtual:own-api';

/**
 * Compiles the API in, as a chunk of its own that only `register` asks for; all other code takes the
 * copy that is lent, else the app's.
 *
 * Of the 45 ms that a start cost, the sixty files of the API were 14, and 6 MB of the 17.
 *
 * @param root folder of the repository
 * @param key name of the global symbol under which the copy is lent
 */
export function ownApi(root: string, key: string): Plugin {
  const build = join(root, `node_modules/${API}/build/esm`);
  return {
    name: 'own-api',
    resolveId(id, importer) {
      if (id === OWN_API) return `\0${OWN_API}`;
      if (id !== API) return null;
      return importer === FACADE ? { id, external: true } : FACADE;
    },
    load(id) {
      if (id === `\0${OWN_API}`) return `export * from ${JSON.stringify(join(build, 'index.js'))};`;
      if (id === FACADE) return facade(key);
      // The copy passes for the app's, or neither would see what the other registers.
      if (id === join(build, 'version.js')) {
        return `export { VERSION } from ${JSON.stringify(join(root, 'src/peer-version.ts'))};`;
      }
      return null;
    },
  };
}

function facade(key: string): string {
  const names = Object.keys(require(API)).filter((name) => name !== 'default');
  const lines = names.map((name) => `export const ${name} = api.${name};`);
  return [
    `const api = globalThis[Symbol.for(${JSON.stringify(key)})] ?? require('${API}');`,
    ...lines,
  ].join('\n');
}
