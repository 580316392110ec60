import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import type { LambdaMode } from './mode.ts';

/** The location of the handler. */
export interface HandlerFile {
  /** Absolute paths of the file: as configured, and with symbolic links resolved. */
  readonly paths: readonly [string, ...string[]];
  /** Property path from the module's exports to the function, e.g. `['api', 'get']`. */
  readonly names: readonly [string, ...string[]];
}

/** In the order in which Lambda's runtime tries them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'] as const;

/**
 * Finds the file of the configured handler as Lambda's runtime does: the text before the first dot
 * of the last path segment is the module, the rest the path to the function.
 *
 * @returns `undefined` if the file does not exist; the runtime then reports the error
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

/** Resolves a handler in an installed package, e.g. one of a layer. */
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
