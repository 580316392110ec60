import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const require = createRequire(import.meta.url);

const API = '@opentelemetry/api';
const FACADE = '\0virtual:api';

/**
 * Compiles the API into `register`.
 *
 * The copy reports the version of the app's installed copy, so that both use the same registry.
 *
 * @param root folder of the repository
 */
export function ownApi(root: string): Plugin {
  const build = join(root, `node_modules/${API}/build/esm`);
  return {
    name: 'own-api',
    resolveId: (id) => (id === API ? join(build, 'index.js') : null),
    load(id) {
      if (id !== join(build, 'version.js')) return null;
      const manifest = readFileSync(join(build, '../../package.json'), 'utf8');
      const { version } = JSON.parse(manifest) as { readonly version: string };
      return `
        import { PEER_VERSION } from ${JSON.stringify(join(root, 'src/peer-version.ts'))};
        export const VERSION = PEER_VERSION ?? ${JSON.stringify(version)};`;
    },
  };
}

/**
 * Resolves the API for all other chunks: the copy that `register` provides, else the app's copy.
 *
 * The sixty files of the app's copy took 14 of the 45 ms of a start, and 6 of its 17 MB.
 *
 * @param key name of the global symbol under which `register` provides its copy
 */
export function sharedApi(key: string): Plugin {
  return {
    name: 'shared-api',
    resolveId(id, importer) {
      if (id !== API) return null;
      return importer === FACADE ? { id, external: true } : FACADE;
    },
    load: (id) => (id === FACADE ? facade(key) : null),
  };
}

function facade(key: string): string {
  const names = Object.keys(require(API)).filter((name) => name !== 'default');
  return [
    `const api = globalThis[Symbol.for(${JSON.stringify(key)})] ?? require('${API}');`,
    ...names.map((name) => `export const ${name} = api.${name};`),
  ].join('\n');
}
