import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const require = createRequire(import.meta.url);

const API = '@opentelemetry/api';
/** Exports the names of the API to ES modules. */
const FACADE = '\0virtual:api';
/** Is the API for CommonJS modules. */
const VALUE = '\0virtual:api-value';

/**
 * Compiles the API into `register`. The copy reports the version of the app's installed copy, so that both use the
 * same registry.
 *
 * Gain: 14 ms of a start, which loads one file in the place of sixty.
 *
 * Its contexts are our own, which take a fifth of the memory (`src/context-values.ts`).
 *
 * Gain: 6.3 µs of a request to a young process.
 *
 * @param root folder of the repository
 * @throws {Error} if the API no longer has the file of contexts
 * @see docs/upstream.md sections 11 and 12
 */
export function ownApi(root: string): Plugin {
  const build = join(root, `node_modules/${API}/build/esm`);
  const contexts = join(build, 'context/context.js');
  let hasContexts = false;
  return {
    name: 'own-api',
    resolveId: (id) => (id === API ? join(build, 'index.js') : null),
    load(id) {
      if (id === join(root, 'src/own-api.ts')) return asOneObject();
      if (id === contexts) {
        hasContexts = true;
        return `export * from ${JSON.stringify(join(root, 'src/context-values.ts'))};`;
      }
      if (id !== join(build, 'version.js')) return null;
      const manifest = readFileSync(join(build, '../../package.json'), 'utf8');
      const { version } = JSON.parse(manifest) as { readonly version: string };
      return `
        import { PEER_VERSION } from ${JSON.stringify(join(root, 'src/peer-version.ts'))};
        export const VERSION = PEER_VERSION ?? ${JSON.stringify(version)};`;
    },
    buildEnd() {
      if (!hasContexts) throw new Error(`not found: ${contexts}`);
    },
  };
}

function asOneObject(): string {
  const names = namesOfApi().join(', ');
  return `import { ${names} } from ${JSON.stringify(API)}; export const OWN_API = { ${names} };`;
}

function namesOfApi(): readonly string[] {
  return Object.keys(require(API)).filter((name) => name !== 'default');
}

/**
 * Resolves the API for all other chunks: the copy that `register` provides, else the app's copy.
 *
 * @param key name of the global symbol under which `register` provides its copy
 */
export function sharedApi(key: string): Plugin {
  return {
    name: 'shared-api',
    resolveId(id, importer, { kind }) {
      if (id === VALUE) return VALUE;
      if (id !== API) return null;
      if (importer === VALUE) return { id, external: true };
      return kind === 'require-call' ? VALUE : FACADE;
    },
    load(id) {
      if (id === FACADE) return facade();
      return id === VALUE ? value(key) : null;
    },
  };
}

/** The exports of the app's copy are getters, which are slower than the values of an object. */
function value(key: string): string {
  return `module.exports = globalThis[Symbol.for(${JSON.stringify(key)})] ?? { ...require('${API}') };`;
}

function facade(): string {
  return [
    `const api = require(${JSON.stringify(VALUE)});`,
    ...namesOfApi().map((name) => `export const ${name} = api.${name};`),
  ].join('\n');
}
