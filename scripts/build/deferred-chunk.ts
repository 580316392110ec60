import type { OutputChunk, Plugin } from 'rolldown';
import { SDK } from './chunks.ts';

/** The chunk that exports `untraced`, and the name by which the bundler refers to it in others. */
const OF_UNTRACED = SDK;
const REFERENCE = `require_${OF_UNTRACED}`;

/**
 * Makes one chunk load another when something in it is first used. V8 parses all functions of a file
 * that it loads.
 *
 * Gain: 1 ms of a start for the code of spans alone (6.5 million instructions).
 *
 * The bundler refers to imported names as properties of the other chunk, `require_spans.name`; this
 * plugin puts a getter between. The file is loaded untraced: the first span may be one of the
 * instrumentation of `fs`, which would see the load.
 *
 * @param from name of the chunk that loads the other: that which exports `untraced`, or one that imports that
 * @param to name of the other chunk
 */
export function deferredChunk(from: string, to: string): Plugin {
  return {
    name: 'deferred-chunk',
    generateBundle(_options, files) {
      const chunks = Object.values(files).filter(
        (file): file is OutputChunk => file.type === 'chunk',
      );
      const deferred = chunks.find(({ name }) => name === to);
      // An entry may have the same name.
      const first = chunks.find(
        ({ name, imports }) => name === from && imports.includes(deferred?.fileName ?? ''),
      );
      if (first === undefined || deferred === undefined) throw new Error(`no ${from}, or no ${to}`);
      if (deferred.code.includes('createRequire)')) {
        throw new Error(`${to} loads files by name, which the bundler plugins do not expect there`);
      }
      if (first.code.includes(`require_${to}.init_`)) {
        throw new Error(`${from} runs a module of ${to} when it is loaded`);
      }
      first.code = withDeferred(
        first.code,
        to,
        from === OF_UNTRACED ? 'module.exports' : REFERENCE,
      );
    },
  };
}

/**
 * Returns the program with the chunk loaded at the first use.
 *
 * @param exporter the object that has `untraced`
 */
export function withDeferred(code: string, to: string, exporter = 'module.exports'): string {
  const variable = `require_${to}`;
  const load = new RegExp(
    `^const ${variable} = (require\\("\\.{1,2}/${to}-[\\w-]+\\.cjs"\\));$`,
    'm',
  );
  const found = load.exec(code);
  if (found === null) throw new Error(`no import of ${to}`);
  const holder = [
    `const ${variable} = {`,
    '\tvalue: void 0,',
    '\tget loaded() {',
    `\t\treturn this.value ??= ${exporter}.untraced(() => ${found[1]});`,
    '\t}',
    '};',
  ];
  return code
    .replaceAll(`${variable}.`, `${variable}.loaded.`)
    .replace(load, () => holder.join('\n'));
}
