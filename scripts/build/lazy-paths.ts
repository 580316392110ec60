import { posix } from 'node:path';
import type { OutputChunk, Plugin } from 'rolldown';

/**
 * Makes the paths of lazy modules relative to the file that loads them. `lazy-modules.ts` writes them as
 * from the root of `dist`, because it does not know which chunk a call will be in.
 *
 * Correctness: a lazy module that loads another one would look for it in the wrong folder.
 *
 * @throws {Error} if there is no lazy module
 */
export function lazyPaths(): Plugin {
  return {
    name: 'lazy-paths',
    generateBundle(_options, files) {
      const chunks = Object.values(files).filter(
        (file): file is OutputChunk => file.type === 'chunk',
      );
      const lazy = chunks.filter(({ name }) => name.startsWith('lazy/'));
      if (lazy.length === 0) throw new Error('no lazy module');
      for (const chunk of chunks) {
        for (const { fileName } of lazy) {
          chunk.code = chunk.code.replaceAll(
            `require("./${fileName}")`,
            () => `require("${relativePath(chunk.fileName, fileName)}")`,
          );
        }
      }
    },
  };
}

/** Returns the path of a file as another one loads it. */
export function relativePath(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}
