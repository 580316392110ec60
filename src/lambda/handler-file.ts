import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import type { LambdaMode } from './mode.ts';

/** Where the handler lies. */
export interface HandlerFile {
  /** Absolute paths the loader may know the file by: as configured, and with links resolved. */
  readonly paths: readonly [string, ...string[]];
  /** Names to follow from the module's exports to the function, e.g. `['api', 'get']`. */
  readonly names: readonly [string, ...string[]];
}

/** In the order in which Lambda's runtime tries them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'] as const;

/**
 * Finds the file of the configured handler as Lambda's runtime does: the text before the first dot
 * of the last path segment is the module, the rest the path to the function.
 *
 * @returns `undefined` when there is no such file; the runtime then reports it
 */
export function handlerFile({ taskRoot, handler }: LambdaMode): HandlerFile | undefined {
  const last = basename(handler ?? '');
  const dot = last.indexOf('.');
  if (handler === undefined || dot < 1) return undefined;
  const folder = handler.slice(0, handler.length - last.length);
  const base = resolve(taskRoot, folder, last.slice(0, dot));
  const [first, ...others] = last.slice(dot + 1).split('.');
  const file =
    EXTENSIONS.map((extension) => base + extension).find((path) => existsSync(path)) ??
    installed(last.slice(0, dot), [taskRoot, join(taskRoot, folder)]);
  if (file === undefined || first === undefined || first === '') return undefined;
  return { paths: [file, realPath(file)], names: [first, ...others] };
}

/** A handler may come from a package, e.g. that of a layer. */
function installed(name: string, paths: string[]): string | undefined {
  try {
    return createRequire(join(paths[0] ?? '/', 'index.js')).resolve(name, { paths });
  } catch {
    return undefined;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
