import type { Plugin } from 'rolldown';

/**
 * Passes a file name to `createRequire` instead of a file URL, which saves a start 0.2 ms. The bundler
 * plugins replace this expression (src/bundler/own-files.ts).
 */
export function fileNameRequire(): Plugin {
  return replacing(
    /[\\/]src[\\/].*\.ts$/,
    'createRequire(import.meta.url)',
    'createRequire(__filename)',
  );
}

/**
 * Takes the functions of `path` that `@opentelemetry/instrumentation` uses, for all of which it copies the
 * module: 6 KB of objects at each start.
 */
export function namedPathFunctions(): Plugin {
  const names = '{ isAbsolute, join, normalize, parse, sep }';
  return replacing(
    /[\\/]@opentelemetry[\\/]instrumentation[\\/]build[\\/]esm[\\/]platform[\\/]node[\\/]\w+\.js$/,
    "import * as path from 'path';",
    `import ${names} from 'path'; const path = ${names};`,
  );
}

/**
 * Copies the exports of ES modules that CommonJS modules require. The bundler defines bound getters,
 * which V8 cannot inline: thirty of them took 12 µs of each HTTP request. No compiled-in module
 * changes an export, so values are copied, once for all modules that require them; exports that are
 * not yet set keep a getter.
 */
export function copiedNamespaces(): Plugin {
  return replacing(
    /rolldown[\\/]runtime\.js$/,
    "__copyProps(__defProp({}, '__esModule', { value: true }), mod)",
    `(mod.__copy ?? __defProp(mod, '__copy', { value: __getOwnPropNames(mod).reduce((to, key) => {
      if (mod[key] === undefined) __defProp(to, key, { get: () => mod[key], enumerable: true });
      else to[key] = mod[key];
      return to;
    }, __defProp({}, '__esModule', { value: true })) }).__copy)`,
  );
}

/** Replaces a text in matching files. The build fails if no file contains the text. */
export function replacing(files: RegExp, from: string, to: string): Plugin {
  let found = false;
  return {
    name: `replacing ${from}`,
    transform(code, id) {
      if (!files.test(id) || !code.includes(from)) return null;
      found = true;
      return { code: code.replaceAll(from, to), map: null };
    },
    buildEnd() {
      if (!found) throw new Error(`in no module: ${from}`);
    },
  };
}
