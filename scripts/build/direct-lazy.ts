import { posix } from 'node:path';
import type { OutputChunk, Plugin } from 'rolldown';

/** An entry that only passes on names of another chunk. */
const PASSED_ON = /^exports\.(\w+) = (require_\w+)\.\1;$/;
const LOAD = /^const (require_\w+) = require\("\.\.\/([\w.-]+)"\);$/;
const RUNTIME = 'require_rolldown_runtime';

/**
 * Makes calls of lazy modules load the chunk of their group itself. The bundler puts a file in between that
 * passes on the names, and loads its helper functions for that: three files instead of one, 0.3 ms.
 *
 * `lazy-modules.ts` writes the paths of lazy modules as from the root of `dist`; here they become relative to the
 * file that loads them.
 */
export function directLazy(): Plugin {
  return {
    name: 'direct-lazy',
    generateBundle(_options, files) {
      const chunks = Object.values(files).filter(
        (file): file is OutputChunk => file.type === 'chunk',
      );
      for (const lazy of chunks.filter(({ name }) => name.startsWith('lazy/'))) {
        const target = passedOn(lazy.code);
        for (const chunk of chunks) {
          const path = relativePath(chunk.fileName, target ?? lazy.fileName);
          chunk.code = chunk.code.replaceAll(
            `require("./${lazy.fileName}")`,
            () => `require("${path}")`,
          );
        }
        if (target !== undefined) delete files[lazy.fileName];
      }
    },
  };
}

/** Returns the path of a file as another one loads it. */
export function relativePath(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** Returns the file whose names a program passes on; `undefined` if it does anything else. */
export function passedOn(code: string): string | undefined {
  const lines = code.split('\n').filter((line) => line !== '' && line !== '"use strict";');
  const loads = lines.map((line) => LOAD.exec(line)).filter((load) => load?.[1] !== RUNTIME);
  const [load, ...others] = loads.filter((found) => found !== null);
  if (load === undefined || others.length > 0) return undefined;
  const rest = lines.filter((line) => !LOAD.test(line) && !line.includes('Symbol.toStringTag'));
  const isAll = rest.every((line) => PASSED_ON.exec(line)?.[2] === load[1]);
  return isAll ? load[2] : undefined;
}
